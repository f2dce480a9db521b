package dev.tutti.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Where this process keeps its state, and the small files in there.
///
/// Which directory that is the command line decides. Only its owner may read it.
record Home(Path directory) {

  /// The settings file that belongs to the environment: `TUTTI_CONFIG`, else beside the state when
  /// `TUTTI_HOME` is set or on macOS, else `$XDG_CONFIG_HOME/tutti/tutti.yaml`.
  static Path settingsFile(Map<String, String> environment, String osName, String userHome) {
    String explicit = environment.getOrDefault("TUTTI_CONFIG", "");
    if (!explicit.isBlank()) {
      return Path.of(explicit).toAbsolutePath();
    }
    String home = environment.getOrDefault("TUTTI_HOME", "");
    if (!home.isBlank()) {
      return Path.of(home).toAbsolutePath().resolve("tutti.yaml");
    }
    if (osName.toLowerCase(Locale.ROOT).startsWith("mac")) {
      return Path.of(userHome, "Library", "Application Support", "tutti", "tutti.yaml");
    }
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    return (config.isBlank() ? Path.of(userHome, ".config") : Path.of(config))
        .resolve("tutti")
        .resolve("tutti.yaml");
  }

  /// Makes the directory, for its owner only.
  Home create() {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        if (posix()) {
          Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "TUTTI_HOME: " + directory + " (expected: a directory that can be written)", e);
    }
  }

  /// The database.
  Path database() {
    return directory.resolve("tutti.db");
  }

  /// Files that clients uploaded and batches wrote.
  Path files() {
    return directory.resolve("files");
  }

  /// A small secret or id in a file of its own, made on first use, readable by its owner only.
  String remembered(String name, Supplier<String> fresh) {
    Optional<String> known = read(name);
    if (known.isPresent()) {
      return known.get();
    }
    String value = fresh.get();
    write(name, value);
    return value;
  }

  /// The content of a small file, if it is there and not empty.
  Optional<String> read(String name) {
    Path file = directory.resolve(name);
    try {
      return Files.isRegularFile(file)
          ? Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  /// Replaces a small file in one step, so that a crash leaves the old or the new.
  void write(String name, String value) {
    Path file = directory.resolve(name);
    try {
      Path fresh =
          posix()
              ? Files.createTempFile(
                  directory,
                  name,
                  ".new",
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))
              : Files.createTempFile(directory, name, ".new");
      Files.write(fresh, (value + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(
          fresh,
          file,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }

  /// Removes a small file, if it is there.
  void forget(String name) {
    try {
      Files.deleteIfExists(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(directory.resolve(name) + ": cannot be removed", e);
    }
  }

  private boolean posix() {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
