package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.fleet.ModelFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ContinuationTest {
  private static final Retry UNSAFE = Retry.UNSAFE_MAY_HAVE_ACTED;

  private final Ensemble mesh = new Ensemble();

  /// A client whose answer can be continued as long as it says so.
  private static final class Reader implements TaskListener<String>, Continuable<String> {
    final List<String> pieces = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final List<String> whys = new ArrayList<>();
    boolean offers = true;

    @Override
    public void queued(int position) {}

    @Override
    public void assigned(Assignment assignment) {
      told.add("assigned " + assignment.node());
    }

    @Override
    public Optional<Rest<String>> rest() {
      var given = new AnswerUsage(3, 1, pieces.size());
      return offers
          ? Optional.of(new Rest<>("behind " + String.join("", pieces), given))
          : Optional.empty();
    }

    @Override
    public void continued(Assignment assignment) {
      told.add("continued " + assignment.node());
      whys.add(assignment.why());
    }

    @Override
    public boolean event(String event) {
      pieces.add(event);
      return true;
    }

    @Override
    public void done(AnswerUsage usage) {
      told.add("done " + usage.promptTokens() + " " + usage.outputTokens());
    }

    @Override
    public void failed(Failure failure) {
      told.add("failed " + failure.code());
    }
  }

  private FakeEngine llama(String node, int slots, String identity) {
    FakeEngine engine = mesh.engine(node, slots, "m");
    up(node, identity);
    return engine;
  }

  private void up(String node, String identity) {
    ModelFacts plain = Ensemble.model("m");
    var model =
        new ModelFacts(
            plain.name(),
            plain.type(),
            plain.size(),
            "",
            0,
            ModelFacts.Loaded.NOT,
            List.of(),
            Map.of(ModelFacts.FINGERPRINT, identity),
            "");
    var facts = new BackendFacts(BackendKind.LLAMA_SERVER, "1", 0, List.of(model), false);
    for (int i = 0; i < LivenessLimits.RISE; i++) {
      mesh.fleet.probed(Ensemble.id(node), facts);
    }
  }

  private Reader submit() {
    return submit(mesh.ask("m").task());
  }

  private Reader submit(Task<String> task) {
    var reader = new Reader();
    mesh.dispatcher.submit(task, reader, reader);
    return reader;
  }

  @Test
  void an_answer_of_an_engine_that_does_not_answer_any_more_is_gone_on_with() {
    llama("a", 1, "x");
    Reader reader = submit();
    llama("b", 1, "x");
    mesh.at("a").only().say("one ");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    assertThat(mesh.at("a").running()).isEmpty();
    mesh.at("b").only().say("two");
    mesh.at("b").only().finish();
    assertThat(String.join("", reader.pieces)).isEqualTo("one two");
  }

  @Test
  void an_answer_that_nobody_can_go_on_with_is_left_to_its_own_silence() {
    llama("a", 1, "x");
    Reader reader = submit();
    llama("b", 1, "another");
    mesh.at("a").only().say("one ");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    mesh.at("a").only().say("two");
    mesh.at("a").only().finish();
    assertThat(String.join("", reader.pieces)).isEqualTo("one two");
  }

  @ParameterizedTest
  @EnumSource(
      value = FailureCode.class,
      names = {"ENGINE_UNREACHABLE", "BROKEN_STREAM", "ENGINE_STALLED", "ENGINE_ERROR"})
  void another_engine_with_the_same_model_goes_on(FailureCode code) {
    llama("a", 1, "x");
    llama("b", 1, "x");
    Reader reader = submit();
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(code, UNSAFE);
    assertThat(mesh.at("b").only().task.work()).isEqualTo("behind one ");
    mesh.at("b").only().say("two");
    mesh.at("b").only().finish();
    assertThat(reader.pieces).containsExactly("one ", "two");
    assertThat(reader.told).containsExactly("assigned a", "continued b", "done 3 2");
    assertThat(reader.whys.getFirst())
        .endsWith("; goes on with the answer that broke off on a/ollama");
    assertThat(mesh.records.getLast().attempts()).isEqualTo(2);
    assertThat(mesh.records.getLast().usage().outputTokens()).isEqualTo(2);
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.DONE);
  }

  @Test
  void another_content_under_the_same_name_does_not_go_on() {
    llama("a", 1, "x");
    llama("b", 1, "y");
    mesh.engine("c", 1, "m");
    Reader reader = submit(mesh.ask("m").ttl(Duration.ZERO).task());
    var first = List.of("a", "b", "c").stream().filter(n -> !mesh.at(n).all.isEmpty()).findFirst();
    mesh.at(first.orElseThrow()).only().say("one ");
    mesh.at(first.orElseThrow()).only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    assertThat(reader.told.getLast()).isEqualTo("failed BROKEN_STREAM");
  }

  @Test
  void an_engine_that_cannot_is_not_asked_and_the_end_is_honest_at_once() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Reader reader = submit();
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(reader.told).containsExactly("assigned a", "failed BROKEN_STREAM");
    assertThat(mesh.at("b").all).isEmpty();
  }

  @Test
  void an_answer_that_cannot_be_continued_exactly_ends_honestly() {
    llama("a", 1, "x");
    llama("b", 1, "x");
    Reader reader = submit();
    reader.offers = false;
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    assertThat(reader.told).containsExactly("assigned a", "failed BROKEN_STREAM");
  }

  @Test
  void what_is_pointless_or_a_fault_of_ours_is_not_continued() {
    llama("a", 2, "x");
    llama("b", 2, "x");
    for (var failure : List.of(FailureCode.ENGINE_ERROR, FailureCode.INTERNAL)) {
      Reader reader = submit();
      FakeEngine engine = mesh.at(reader.told.getFirst().substring("assigned ".length()));
      engine.only().say("one ");
      engine.only().fail(failure, failure == FailureCode.INTERNAL ? UNSAFE : Retry.POINTLESS);
      assertThat(reader.told.getLast()).isEqualTo("failed " + failure);
      mesh.seconds(1);
    }
  }

  @Test
  void the_rest_waits_for_a_slot_before_those_who_came_later() {
    llama("a", 1, "x");
    llama("b", 1, "x");
    Reader first = submit();
    Client second = mesh.submit("m");
    Client third = mesh.submit("m");
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    mesh.down("a");
    mesh.at("b").only().finish();
    assertThat(second.done).isTrue();
    assertThat(first.told).containsExactly("assigned a", "continued b");
    assertThat(third.assignments).isEmpty();
  }

  @Test
  void the_rest_that_waits_holds_nobody_up_who_may_run_elsewhere() {
    llama("a", 1, "x");
    mesh.engine("c", 1, "m");
    Reader first = submit();
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    mesh.down("a");
    Client later = mesh.submit("m");
    assertThat(later.where()).isEqualTo("c/ollama");
    assertThat(first.told).containsExactly("assigned a");
  }

  @Test
  void the_engine_itself_goes_on_when_it_is_back_and_there_is_nobody_else() {
    llama("a", 1, "x");
    Reader reader = submit();
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    mesh.down("a");
    mesh.seconds(3);
    assertThat(reader.told).containsExactly("assigned a");
    up("a", "x");
    assertThat(reader.told).containsExactly("assigned a", "continued a");
    assertThat(mesh.at("a").only().task.work()).isEqualTo("behind one ");
  }

  @Test
  void nobody_waits_longer_for_the_rest_than_for_a_slot() {
    llama("a", 1, "x");
    Reader reader = submit(mesh.ask("m").ttl(Duration.ofSeconds(2)).task());
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    mesh.down("a");
    mesh.seconds(2.1);
    assertThat(reader.told).containsExactly("assigned a", "failed BROKEN_STREAM");
  }

  @Test
  void three_attempts_are_all_there_are() {
    for (String node : List.of("a", "b", "c", "d")) {
      llama(node, 1, "x");
    }
    Reader reader = submit();
    for (String node : List.of("a", "b", "c")) {
      mesh.at(node).only().say(node);
      mesh.at(node).only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    }
    assertThat(reader.told)
        .containsExactly("assigned a", "continued b", "continued c", "failed BROKEN_STREAM");
    assertThat(reader.pieces).containsExactly("a", "b", "c");
  }

  @Test
  void a_model_chosen_by_us_is_the_one_that_goes_on() {
    llama("a", 1, "x");
    llama("b", 1, "x");
    var reader = new Reader();
    mesh.dispatcher.submit(mesh.ask("auto").task(), reader, reader);
    mesh.at("a").only().say("one ");
    mesh.at("a").only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
    assertThat(mesh.at("b").only().task.model()).isEqualTo(new ModelName("m"));
  }
}
