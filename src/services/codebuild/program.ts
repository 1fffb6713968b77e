/**
 * A buildspec as one shell program: pure. All commands share one shell, so that `cd` and `export` carry over.
 *
 * `run.sh` starts the shell that runs `steps.sh`. A command that ends its shell (`exit`, `set -e`, `exec`, a crash) has only
 * failed or succeeded as a command: the environment it left is saved, and a new shell goes on behind it.
 * Marks tell the server what happens: they stand in the output, between U+001E, and begin with a number only the server knows.
 */
import { type Buildspec, type PhaseName, phaseNames } from "./buildspec.ts";
import { follows, type PhaseType } from "./phases.ts";

/** Where things are seen inside. */
export interface Places {
  readonly program: string;
  readonly state: string;
}
export const places: Places = { program: "/codebuild/program", state: "/codebuild/state" };

export type Step =
  | { readonly kind: "phase"; readonly phase: PhaseType; readonly user: string }
  | { readonly kind: "command"; readonly phase: PhaseType; readonly text: string; readonly fail: number }
  | { readonly kind: "end"; readonly phase: PhaseType; readonly fail: number };

export const phaseTypeOf = (name: PhaseName): PhaseType => name.toUpperCase() as PhaseType;

/** The steps in order; `fail` is the step that follows a failure. The number behind the last step means: finish. */
export const stepsOf = (spec: Buildspec): Step[] => {
  const starts = new Map<PhaseType, number>();
  let count = 0;
  for (const name of phaseNames) {
    starts.set(phaseTypeOf(name), count);
    count += 2 + (spec.phases[name]?.commands.length ?? 0) + (spec.phases[name]?.finally.length ?? 0);
  }
  const steps: Step[] = [];
  for (const name of phaseNames) {
    const phase = phaseTypeOf(name);
    const { commands = [], finally: last = [], onFailure, runAs } = spec.phases[name] ?? {};
    steps.push({ kind: "phase", phase, user: runAs ?? spec.runAs ?? "root" });
    const lastAt = steps.length + commands.length;
    for (const text of commands) steps.push({ kind: "command", phase, text, fail: lastAt });
    for (const text of last) steps.push({ kind: "command", phase, text, fail: lastAt + last.length });
    steps.push({ kind: "end", phase, fail: starts.get(follows(phase, "FAILED", onFailure)) ?? count });
  }
  return steps;
};

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const isName = (text: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

const head = (nonce: string, state: string) => `
exec 9>&1
echo here >${state}/entered
__cb_mark() {
  read -r __cb_up __cb_idle </proc/uptime || __cb_up=0
  printf '\\036%s %s %s\\036' ${nonce} "$__cb_up" "$1" >&9
}
__cb_left() {
  __cb_status=$?
  { export -p >${state}/env; pwd >${state}/dir; echo "$__cb_status" >${state}/left; } 2>/dev/null
}
__cb_is() {
  [ "$__cb_at" -eq "$1" ]
}
__cb_begin() {
  [ "$__cb_at" -eq "$1" ] || return 1
  __cb_then=$2 __cb_else=$3
  echo "$__cb_at $__cb_bad $__cb_then $__cb_else" >${state}/at
  __cb_mark "run $1"
}
__cb_end() {
  __cb_mark "ran $__cb_at $1"
  if [ "$1" -eq 0 ]; then
    __cb_at=$__cb_then
  else
    __cb_bad=1 CODEBUILD_BUILD_SUCCEEDING=0 __cb_at=$__cb_else
    export CODEBUILD_BUILD_SUCCEEDING
  fi
}
__cb_phase() {
  [ "$__cb_at" -eq "$1" ] || return 0
  if [ "$3" != "$__cb_user" ]; then
    echo "$__cb_at 0 0 0" >${state}/at
    echo "$3" >${state}/user
    export -p >${state}/env
    pwd >${state}/dir
    echo switch >${state}/left
    trap - EXIT
    exit 0
  fi
  __cb_bad=0 __cb_at=$(($1 + 1))
  __cb_mark "phase $2"
}
__cb_phase_end() {
  [ "$__cb_at" -eq "$1" ] || return 0
  __cb_mark "end $2 $__cb_bad"
  if [ "$__cb_bad" -eq 0 ]; then __cb_at=$(($1 + 1)); else __cb_at=$3; fi
}
__cb_at=0 __cb_bad=0 __cb_user=root __cb_status=
if [ -s ${state}/user ]; then read -r __cb_user <${state}/user; fi
__cb_home=$HOME
if [ -s ${state}/left ]; then
  if [ -s ${state}/env ]; then . ${state}/env; fi
  if [ -s ${state}/dir ]; then read -r __cb_dir <${state}/dir; cd "$__cb_dir" || :; fi
  read -r __cb_at __cb_bad __cb_then __cb_else <${state}/at
  read -r __cb_status <${state}/left
  : >${state}/left
fi
trap '{ __cb_left; } 2>/dev/null' EXIT
case $__cb_status in
  '') ;;
  switch) HOME=$__cb_home ;;
  *) __cb_end "$__cb_status" ;;
esac
`;

/** `names` are shell expressions to evaluate at the end, by the file they are answered in. */
export const stepsScript = (
  spec: Buildspec,
  nonce: string,
  names: Readonly<Record<string, string>> = {},
  { state }: Places = places,
): string => {
  const lines = [head(nonce, state)];
  const steps = stepsOf(spec);
  for (const [n, step] of steps.entries()) {
    if (step.kind === "phase") lines.push(`{ __cb_phase ${n} ${step.phase} ${quote(step.user)}; } 2>/dev/null`);
    else if (step.kind === "end") lines.push(`{ __cb_phase_end ${n} ${step.phase} ${step.fail}; } 2>/dev/null`);
    else {
      const run = `eval ${quote(step.text)}`;
      lines.push(
        `if { __cb_begin ${n} ${n + 1} ${step.fail}; } 2>/dev/null; then`,
        spec.version === "0.1" ? `(${run})` : run,
        "{ __cb_end $?; } 2>/dev/null",
        "fi",
      );
    }
  }
  lines.push("{", "set +eu");
  for (const name of spec.exportedVariables.filter(isName))
    lines.push(`if [ -n "\${${name}+x}" ]; then printf %s "$${name}" >${state}/export-${name}; fi`);
  for (const [file, expression] of Object.entries(names))
    lines.push(`( eval ${quote(`__cb_value="${expression.replaceAll('"', '\\"')}"`)}; printf %s "$__cb_value" >${state}/${file} )`);
  lines.push("__cb_mark finished", `echo yes >${state}/finished`, "} 2>/dev/null", "exit 0", "");
  return lines.join("\n");
};

/** Ends with 0 when all steps were gone through, whatever came of them; with 97 when no shell could be started. */
export const runScript = (shell: Buildspec["shell"], { program, state }: Places = places): string => `
cd "$CODEBUILD_SRC_DIR" || exit 97
while :; do
  : >${state}/entered
  user=root
  if [ -s ${state}/user ]; then read -r user <${state}/user; fi
  if [ "$user" = root ]; then
    ${shell} ${program}/steps.sh
  else
    home=/home/$user
    while IFS=: read -r name _ _ _ _ dir _; do if [ "$name" = "$user" ]; then home=$dir; fi; done </etc/passwd
    mkdir -p "$home" && chown "$user" "$home"
    for file in at dir env finished left; do : >>${state}/$file; done
    chmod 666 ${state}/*
    HOME=$home setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups ${shell} ${program}/steps.sh
  fi
  status=$?
  if [ -s ${state}/finished ]; then exit 0; fi
  if ! [ -s ${state}/entered ]; then exit 97; fi
  if ! [ -s ${state}/left ]; then echo "$status" >${state}/left; fi
done
`;
