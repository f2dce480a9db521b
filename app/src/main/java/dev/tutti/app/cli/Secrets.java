package dev.tutti.app.cli;

import dev.tutti.core.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Gets secrets from where their owner keeps them: the environment, a file that nobody else can
/// read, or the keychain of the system. Blocks. Messages name the place, never what is there.
final class Secrets {
  /// The longest secret, in bytes.
  static final int MAX_BYTES = 16 * 1024;

  /// How long a keychain may take, its owner's yes included, in seconds.
  static final long KEYCHAIN_SECONDS = 60;

  private static final String ENV = "env:";
  private static final String FILE = "file:";
  private static final String KEYCHAIN = "keychain:";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private Secrets() {}

  /// The secret that a word stands for: `env:NAME`, `file:PATH`, `keychain:NAME`, or itself.
  static Secret read(String word, Environment environment) {
    if (word.startsWith(ENV)) {
      String name = word.substring(ENV.length());
      return environment
          .variable(name)
          .map(value -> Secret.of(value.strip()))
          .orElseThrow(() -> missing(word, "a variable that is set"));
    }
    if (word.startsWith(FILE)) {
      return ofFile(Path.of(word.substring(FILE.length())));
    }
    if (word.startsWith(KEYCHAIN)) {
      return ofKeychain(word.substring(KEYCHAIN.length()), environment);
    }
    return Secret.of(word);
  }

  /// The secret in a file, which only its owner may read.
  static Secret ofFile(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw missing(file.toString(), "at most " + MAX_BYTES + " bytes");
      }
      if (isOpen(file)) {
        throw new CliException(
            Exit.ENVIRONMENT,
            file + ": others on this machine can read it (expected: chmod 600 '" + file + "')");
      }
      return Secret.of(Files.readString(file, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw missing(file.toString(), "a file with a secret");
    }
  }

  /// Whether anybody but its owner may read or write a file; never on a file system without
  /// permissions.
  static boolean isOpen(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return false;
    }
    return Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains);
  }

  private static Secret ofKeychain(String name, Environment environment) {
    if (!NAME.matcher(name).matches()) {
      throw new CliException(Exit.USAGE, "keychain: " + name + " (expected: " + NAME + ")");
    }
    List<String> command =
        environment.isLinux()
            ? List.of("secret-tool", "lookup", "service", name)
            : List.of("security", "find-generic-password", "-s", name, "-w");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      try {
        if (!process.waitFor(KEYCHAIN_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          throw missing(KEYCHAIN + name, "an entry that " + command.getFirst() + " finds");
        }
        byte[] text = process.getInputStream().readNBytes(MAX_BYTES);
        return Secret.of(new String(text, StandardCharsets.UTF_8).strip());
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new CliException(
          Exit.ENVIRONMENT,
          command.getFirst() + ": not found (expected: the system's keychain)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(Exit.FAILED, "interrupted", e);
    }
  }

  private static CliException missing(String word, String expected) {
    return new CliException(Exit.ENVIRONMENT, word + ": no secret (expected: " + expected + ")");
  }
}
