package dev.tutti.app.cli;

import java.io.PrintStream;

/// What this build is. Needs nothing but the JDK, so that `tutti version` answers at once.
public final class Version {
  /// The release, the same as in the build file.
  public static final String NUMBER = "0.1.0";

  private Version() {}

  static void print(PrintStream out, Runtime.Version java) {
    out.println("tutti " + NUMBER + " (Java " + java + ")");
    out.flush();
  }

  static void printJson(PrintStream out, Runtime.Version java) {
    out.println("{\"version\": \"" + NUMBER + "\", \"java\": \"" + java + "\"}");
    out.flush();
  }
}
