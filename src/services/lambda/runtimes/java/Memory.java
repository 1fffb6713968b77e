package mayfly;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;

/** How much memory this process has used at most. */
final class Memory {
  static long mostKb() {
    try {
      String status = new String(Files.readAllBytes(Paths.get("/proc/self/status")), StandardCharsets.UTF_8);
      int at = status.indexOf("VmHWM:");
      if (at < 0) return 0;
      return Long.parseLong(status.substring(at + 6, status.indexOf("kB", at)).trim());
    } catch (Exception unknown) {
      return 0;
    }
  }
}
