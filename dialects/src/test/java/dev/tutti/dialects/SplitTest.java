package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SplitTest {
  static List<String> answers() {
    return Golden.names("answers");
  }

  @ParameterizedTest
  @MethodSource("answers")
  void an_answer_cut_anywhere_in_two_gives_the_same_deltas(String name) {
    byte[] all = Golden.read("answers", name);
    Answers.Read whole = Answers.read(Answers.reader(name), List.of(all));
    assertThat(whole.failure()).isEmpty();
    for (int cut = 0; cut <= all.length; cut++) {
      var pieces =
          List.of(Arrays.copyOfRange(all, 0, cut), Arrays.copyOfRange(all, cut, all.length));
      assertThat(Answers.read(Answers.reader(name), pieces)).as("cut at " + cut).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void an_answer_in_single_bytes_gives_the_same_deltas(String name) {
    byte[] all = Golden.read("answers", name);
    var bytes = new ArrayList<byte[]>();
    for (byte b : all) {
      bytes.add(new byte[] {b});
    }
    assertThat(Answers.read(Answers.reader(name), bytes))
        .isEqualTo(Answers.read(Answers.reader(name), List.of(all)));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void an_answer_that_ends_early_is_either_whole_or_a_failure(String name) {
    byte[] all = Golden.read("answers", name);
    Answers.Read whole = Answers.read(Answers.reader(name), List.of(all));
    for (int cut = 0; cut < all.length; cut++) {
      var read = Answers.read(Answers.reader(name), List.of(Arrays.copyOfRange(all, 0, cut)));
      boolean finished = read.deltas().stream().anyMatch(delta -> delta.startsWith("Finish"));
      assertThat(read.failure().isEmpty()).as("cut at " + cut).isEqualTo(finished);
      assertThat(whole.deltas().subList(0, withoutUsage(read.deltas()).size()))
          .isEqualTo(withoutUsage(read.deltas()));
    }
  }

  /// The cost comes last: a cut may lose it.
  private static List<String> withoutUsage(List<String> deltas) {
    return deltas.stream().filter(delta -> !delta.startsWith("Usage")).toList();
  }

  @Seeds(200)
  @DisplayName("T11 an answer cut anywhere, in the middle of a letter too, is read the same")
  void an_answer_cut_into_many_pieces_gives_the_same_deltas(RandomGenerator random) {
    List<String> names = answers();
    String name = names.get(random.nextInt(names.size()));
    byte[] all = Golden.read("answers", name);
    var pieces = new ArrayList<byte[]>();
    for (int at = 0; at < all.length; ) {
      int next = Math.min(all.length, at + random.nextInt(200));
      pieces.add(Arrays.copyOfRange(all, at, next));
      at = next;
    }
    assertThat(Answers.read(Answers.reader(name), pieces))
        .isEqualTo(Answers.read(Answers.reader(name), List.of(all)));
  }

  /// Found by fuzzing: blanks that came alone were taken for the beginning of an event.
  @ParameterizedTest
  @MethodSource("answers")
  void blanks_before_an_answer_mean_nothing_wherever_they_are_cut(String name) {
    byte[] all = Golden.read("answers", name);
    Answers.Read plain = Answers.read(Answers.reader(name), List.of(all));
    byte[] blanks = {'\n', ' ', '\r', '\n'};
    assertThat(Answers.read(Answers.reader(name), List.of(blanks, all))).isEqualTo(plain);
    byte[] joined = Arrays.copyOf(blanks, blanks.length + all.length);
    System.arraycopy(all, 0, joined, blanks.length, all.length);
    assertThat(Answers.read(Answers.reader(name), List.of(joined))).isEqualTo(plain);
  }
}
