package mayfly;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The runtime API over one kept connection: a raw socket, since java.net's HTTP client takes long to load. */
final class Api {
  static final class Response {
    final Map<String, String> headers = new HashMap<>();
    byte[] body;

    String header(String name) {
      return headers.get(name);
    }
  }

  private final String host;
  private final String base;
  private final InputStream in;
  private final OutputStream out;

  Api(String address) throws IOException {
    int slash = address.indexOf('/');
    host = slash < 0 ? address : address.substring(0, slash);
    base = (slash < 0 ? "" : address.substring(slash)) + "/2018-06-01/runtime";
    int colon = host.indexOf(':');
    Socket socket = new Socket(host.substring(0, colon), Integer.parseInt(host.substring(colon + 1)));
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** `headers` are whole lines. Ends the process when the runtime API is gone: there is nobody to work for. */
  Response call(String method, String where, String headers, byte[] body) throws IOException {
    try {
      String head = method + " " + base + where + " HTTP/1.1\r\nhost: " + host + "\r\n" + headers + "content-length: " + body.length + "\r\n\r\n";
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.write(head.getBytes(StandardCharsets.ISO_8859_1));
      request.write(body);
      request.writeTo(out);
      out.flush();
      return read();
    } catch (IOException gone) {
      Runtime.getRuntime().halt(1);
      throw gone;
    }
  }

  private Response read() throws IOException {
    Response response = new Response();
    line();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      response.headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).trim());
    }
    String length = response.headers.get("content-length");
    response.body = new byte[length == null ? 0 : Integer.parseInt(length)];
    for (int at = 0; at < response.body.length; ) {
      int count = in.read(response.body, at, response.body.length - at);
      if (count < 0) throw new EOFException();
      at += count;
    }
    return response;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int character; (character = in.read()) != '\n'; ) {
      if (character < 0) throw new EOFException();
      if (character != '\r') line.append((char) character);
    }
    return line.toString();
  }
}
