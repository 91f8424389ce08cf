/**
 * A directory for one case: written flakes, Git repositories, archives. Times are fixed, so that `lastModified`, commits
 * and archives come out alike wherever and whenever the case runs.
 */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";

const time = 1_600_000_000;

export class Place {
  readonly directory: string;
  /** Of the server, if there is one. */
  readonly url: string;

  constructor(directory: string, url = "") {
    this.directory = directory;
    this.url = url;
  }

  fill(text: string): string {
    return text.replaceAll("@", this.directory).replaceAll("$URL", this.url);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** `@` in the text stands for this directory, `$URL` for the server's address. */
  write(name: string, text: string): this {
    const path = this.path(name);
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.writeFileSync(path, this.fill(text));
    return this;
  }

  /** `NAME/flake.nix` */
  flake(name: string, text: string): this {
    return this.write(`${name}/flake.nix`, text);
  }

  /** `@` in the target as in texts. */
  link(name: string, target: string): this {
    fs.mkdirSync(dirname(this.path(name)), { recursive: true });
    fs.symlinkSync(this.fill(target), this.path(name));
    return this;
  }

  remove(name: string): this {
    fs.rmSync(this.path(name), { recursive: true });
    return this;
  }

  /** Runs git in a directory; what it prints. */
  git(name: string, ...args: string[]): string {
    const date = `${time} +0000`;
    return execFileSync("git", ["-C", this.path(name), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
        GIT_AUTHOR_NAME: "tester",
        GIT_AUTHOR_EMAIL: "tester@localhost",
        GIT_COMMITTER_NAME: "tester",
        GIT_COMMITTER_EMAIL: "tester@localhost",
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
      },
    }).trim();
  }

  /** Makes a directory a repository, if it is none, and commits all that is in it. */
  commit(name: string, message = "commit"): this {
    if (!fs.existsSync(this.path(join(name, ".git")))) this.git(name, "init", "-q", "-b", "main", ".");
    this.git(name, "add", "-A");
    this.git(name, "commit", "-q", "--allow-empty", "-m", message);
    return this;
  }

  rev(name: string): string {
    return this.git(name, "rev-parse", "HEAD");
  }

  tarball(name: string, directory: string): this {
    this.settle();
    execFileSync("tar", [
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      `--mtime=@${time}`,
      "-czf",
      this.path(name),
      "-C",
      this.directory,
      directory,
    ]);
    return this;
  }

  /** Gives everything the same time. Links keep theirs: nothing asks for it. */
  settle(directory = this.directory): void {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) this.settle(path);
      if (entry.isSymbolicLink()) fs.lutimesSync(path, time, time);
      else fs.utimesSync(path, time, time);
    }
    fs.utimesSync(directory, time, time);
  }
}
