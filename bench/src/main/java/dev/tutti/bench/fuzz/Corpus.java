package dev.tutti.bench.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Inputs that reach different parts of a codec, and those that once broke it. One text file for
/// each target, one input in base64 on each line, so that changes can be read as lines.
public final class Corpus {
  private Corpus() {}

  /// All inputs of a target, the empty one first, and its seeds.
  ///
  /// @param folder where the corpora are
  public static List<byte[]> read(Path folder, Target target) throws IOException {
    var inputs = new ArrayList<byte[]>();
    inputs.add(new byte[0]);
    inputs.addAll(target.seeds().get());
    Path file = folder.resolve(target.text() + ".txt");
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        inputs.add(Base64.getDecoder().decode(line.strip()));
      }
    }
    return inputs;
  }

  static void unpack(Path folder, Target target, Path into) throws IOException {
    int number = 0;
    for (byte[] input : read(folder, target)) {
      Files.write(into.resolve("kept-" + number++), input);
    }
  }

  static int pack(Path folder, Target target, Path from) throws IOException {
    Files.createDirectories(folder);
    try (var files = Files.list(from)) {
      var lines = new ArrayList<String>();
      for (Path file : files.toList()) {
        lines.add(Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      }
      lines.removeIf(String::isEmpty);
      lines.sort(null);
      Files.write(folder.resolve(target.text() + ".txt"), lines);
      return lines.size();
    }
  }
}
