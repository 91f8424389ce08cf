/** Installs packages with apt, for tests that need a program which a fresh machine lacks: root only. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";

export function aptIsOurs(): boolean {
  return process.geteuid?.() === 0 && fs.existsSync("/usr/bin/apt-get");
}

/** Whether apt says that they are installed now; a machine whose lists are empty or old gets fresh ones. */
export function installWithApt(...packages: readonly string[]): boolean {
  if (!aptIsOurs()) return false;
  const apt = (...args: string[]) =>
    spawnSync("/usr/bin/apt-get", args, {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  return install() || (apt("update") && install());
}
