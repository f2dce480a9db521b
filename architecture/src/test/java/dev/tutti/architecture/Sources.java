package dev.tutti.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The Java files of all rooms.
final class Sources {
  /// The checkout.
  static final Path ROOT = Path.of(System.getProperty("tutti.root", ".."));

  private Sources() {}

  /// The files below this folder of each room, in order of their names.
  static List<Path> below(String folder) {
    try (Stream<Path> rooms = Files.list(ROOT)) {
      return rooms
          .map(room -> room.resolve(folder))
          .filter(Files::isDirectory)
          .flatMap(Sources::javaFiles)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
