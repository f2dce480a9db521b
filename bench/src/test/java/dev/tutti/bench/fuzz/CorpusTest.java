package dev.tutti.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CorpusTest {
  static List<Target> targets() {
    return Target.ALL;
  }

  @ParameterizedTest
  @MethodSource("targets")
  void what_fuzzing_kept_still_holds(Target target) throws IOException {
    List<byte[]> inputs = Corpus.read(Path.of("corpus"), target);
    assertThat(inputs).as("run `tutti bench fuzz` to make a corpus").hasSizeGreaterThan(1);
    inputs.forEach(target::run);
  }
}
