package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.Bytes;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which model answers where the client leaves it to us.
final class AutoTest {
  private final Ensemble mesh = new Ensemble();

  private String answering(String asked, TaskType type, Difficulty difficulty) {
    return mesh.ask(asked)
        .type(type)
        .difficulty(difficulty)
        .submit()
        .assignments
        .getLast()
        .model()
        .value();
  }

  private static List<ModelName> names(String... names) {
    return Arrays.stream(names).map(ModelName::new).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "HARD,   llama3.3:70b",
    "SIMPLE, llama3.2:3b",
    "USUAL,  qwen3:8b",
  })
  void the_harder_the_task_the_larger_the_model_of_one_backend(
      Difficulty difficulty, String model) {
    mesh.engine("a", 9, "llama3.2:1b", "llama3.2:3b", "qwen3:8b", "llama3.3:70b");
    assertThat(answering("auto", TaskType.CHAT, difficulty)).isEqualTo(model);
  }

  @ParameterizedTest
  @CsvSource({"HARD, big/ollama", "SIMPLE, small/ollama"})
  void the_model_is_chosen_before_the_place_and_waited_for(Difficulty difficulty, String where) {
    mesh.engine("small", 1, "qwen3:8b");
    mesh.engine("big", 1, "llama3.3:70b");
    mesh.memory("small", 10);
    mesh.memory("big", 10);
    assertThat(mesh.ask("auto").difficulty(difficulty).submit().where()).isEqualTo(where);
    assertThat(mesh.ask("auto").difficulty(difficulty).submit().position).isEqualTo(1);
  }

  @Test
  void with_consent_a_busy_model_is_left_for_the_next() {
    mesh.engine("small", 1, "qwen3:8b");
    mesh.engine("big", 1, "llama3.3:70b");
    assertThat(mesh.ask("auto").substitute().difficulty(Difficulty.HARD).submit().where())
        .isEqualTo("big/ollama");
    Client second = mesh.ask("auto").substitute().difficulty(Difficulty.HARD).submit();
    assertThat(second.where()).isEqualTo("small/ollama");
    assertThat(second.assignments.getLast().why())
        .contains("not the model preferred for such a task");
  }

  @Test
  void what_would_answer_before_the_preferred_model_is_free_overtakes_it_with_consent_only() {
    mesh.dispatcher.setStrategy(RoutingStrategy.predictive());
    mesh.engine("small", 1, "qwen3:8b");
    mesh.engine("big", 1, "llama3.3:70b");
    for (int i = 0; i < 8; i++) {
      mesh.ask("auto").difficulty(Difficulty.HARD).submit();
    }
    assertThat(mesh.at("small").all).isEmpty();
    mesh.ask("auto").substitute().difficulty(Difficulty.HARD).submit();
    assertThat(mesh.at("small").running()).hasSize(1);
  }

  @Test
  void models_of_about_one_size_share_the_work() {
    mesh.engine("a", 1, "llama3.1:8b");
    mesh.engine("b", 1, "mistral:7b");
    mesh.engine("c", 1, "llama3.2:1b");
    assertThat(mesh.ask("auto").difficulty(Difficulty.HARD).submit().ends).isZero();
    assertThat(mesh.ask("auto").difficulty(Difficulty.SIMPLE).submit().assignments).hasSize(1);
    assertThat(mesh.ask("auto").difficulty(Difficulty.USUAL).submit().position).isEqualTo(1);
    assertThat(mesh.at("c").all).as("too small while there are larger ones").isEmpty();
  }

  @Test
  void the_smallest_do_where_there_is_nothing_else() {
    mesh.engine("a", 9, "llama3.2:1b", "qwen2.5:0.5b");
    assertThat(answering("auto", TaskType.CHAT, Difficulty.HARD)).isEqualTo("llama3.2:1b");
    assertThat(answering("auto", TaskType.CHAT, Difficulty.SIMPLE)).isEqualTo("llama3.2:1b");
  }

  @Test
  void the_type_goes_before_the_size() {
    mesh.engine("a", 9, "llama3.3:70b", "qwen2.5-coder:7b", "qwen2.5-coder:32b");
    assertThat(answering("auto", TaskType.CODE, Difficulty.SIMPLE)).isEqualTo("qwen2.5-coder:7b");
    assertThat(answering("auto:code", TaskType.CODE, Difficulty.HARD))
        .isEqualTo("qwen2.5-coder:32b");
    assertThat(answering("auto", TaskType.REASON, Difficulty.SIMPLE)).isEqualTo("llama3.3:70b");
  }

  @Test
  void a_named_model_is_not_judged() {
    mesh.engine("a", 9, "llama3.2:1b", "llama3.3:70b");
    assertThat(answering("llama3.2:1b", TaskType.CHAT, Difficulty.HARD)).isEqualTo("llama3.2:1b");
  }

  @Test
  void what_the_owner_prefers_goes_before_all() {
    mesh.engine("a", 9, "llama3.2:1b", "qwen3:8b", "llama3.3:70b", "codellama:7b");
    mesh.dispatcher.setAutoRules(
        new AutoRules(
            Map.of(TaskType.CODE, names("nosuch", "qwen3:8b", "codellama:7b")),
            Map.of(Difficulty.HARD, names("codellama:7b"))));
    assertThat(answering("auto", TaskType.CODE, Difficulty.SIMPLE)).isEqualTo("qwen3:8b");
    assertThat(answering("auto", TaskType.CODE, Difficulty.HARD)).isEqualTo("qwen3:8b");
    assertThat(answering("auto", TaskType.CHAT, Difficulty.HARD)).isEqualTo("codellama:7b");
    assertThat(answering("auto", TaskType.CHAT, Difficulty.USUAL)).isEqualTo("qwen3:8b");
    mesh.dispatcher.setAutoRules(AutoRules.NONE);
    assertThat(answering("auto", TaskType.CHAT, Difficulty.HARD)).isEqualTo("llama3.3:70b");
  }

  @Test
  void when_the_preferred_machine_is_down_the_next_size_answers() {
    mesh.engine("small", 1, "qwen3:8b");
    mesh.engine("big", 1, "llama3.3:70b");
    mesh.down("big");
    assertThat(mesh.ask("auto").difficulty(Difficulty.HARD).submit().where())
        .isEqualTo("small/ollama");
  }

  @Test
  void a_task_that_failed_on_the_preferred_model_goes_to_any() {
    mesh.engine("small", 1, "qwen3:8b");
    mesh.engine("big", 1, "llama3.3:70b");
    Client client = mesh.ask("auto").difficulty(Difficulty.HARD).submit();
    mesh.at("big").only().fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    assertThat(client.where()).isEqualTo("small/ollama");
  }

  @Test
  void the_reason_tells_how_the_task_was_judged_where_that_decided() {
    mesh.engine("a", 9, "qwen3:8b");
    assertThat(mesh.ask("auto").difficulty(Difficulty.HARD).submit().assignments.getLast().why())
        .endsWith("; type chat by default; hard");
    assertThat(
            mesh.ask("qwen3:8b").difficulty(Difficulty.HARD).submit().assignments.getLast().why())
        .doesNotContain("hard");
  }

  @ParameterizedTest
  @CsvSource({
    "8.0B,  x,                       -1,         8",
    "137M,  x,                       -1,         0.137",
    "8x7B,  x,                       -1,         56",
    "'',    llama3.3:70b,            -1,         70",
    "'',    qwen2.5-0.5b-instruct,   -1,         0.5",
    "'',    Qwen3-30B-A3B-Q4,        -1,         30",
    "'',    mixtral-8x7b,            -1,         56",
    "large, mistral,                 4640000000, 8",
    "'',    mistral,                 -1,         7",
    "'',    phi3b3,                  -1,         7",
  })
  void a_models_size_is_what_its_engine_says_or_its_name_or_its_file(
      String said, String name, long bytes, double billions) {
    var model =
        new ModelFacts(
            new ModelName(name),
            ModelType.TEXT,
            bytes < 0 ? Bytes.UNKNOWN : new Bytes(bytes),
            "",
            0,
            ModelFacts.Loaded.NOT,
            List.of(),
            Map.of("parameter_size", said),
            "");
    assertThat(ModelSize.billions(model)).isCloseTo(billions, within(1e-6));
  }
}
