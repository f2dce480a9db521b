package dev.tutti.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Somebody else's program, run to its end with an empty standard input.
final class Program {
  private Program() {}

  /// What a program said.
  ///
  /// @param code its exit code
  record Said(int code, String out, String err) {
    @Override
    public String toString() {
      return "exit code " + code + "\n" + out + "\n" + err;
    }
  }

  static boolean isOnPath(String name) {
    return Arrays.stream(path().split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }

  static String path() {
    String path = System.getenv("PATH");
    return path == null ? "" : path;
  }

  /// Runs it in this environment.
  static Said run(Path folder, Duration within, List<String> command) {
    return end(new ProcessBuilder(command).directory(folder.toFile()), within);
  }

  /// Runs it with these variables and no others, so that nothing of this machine's owner gets in.
  static Said run(
      Path folder, Map<String, String> environment, Duration within, List<String> command) {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return end(builder, within);
  }

  private static Said end(ProcessBuilder builder, Duration within) {
    try {
      Path out = Files.createTempFile("client-", ".out");
      Path err = Files.createTempFile("client-", ".err");
      try {
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(within.toSeconds(), TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new AssertionError(
              builder.command()
                  + " still runs after "
                  + within
                  + "\n"
                  + Files.readString(out)
                  + "\n"
                  + Files.readString(err));
        }
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
