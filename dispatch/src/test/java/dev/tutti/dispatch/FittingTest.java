package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FittingTest {
  private final Ensemble mesh = new Ensemble();

  @Test
  void a_model_no_node_ever_had_is_not_found() {
    mesh.engine("a", 1, "mistral");
    Client client = mesh.submit("nosuch");
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.NOT_FOUND);
    assertThat(client.whyNot().message())
        .isEqualTo("model \"nosuch\" not found, try pulling it first");
    assertThat(client.ends).isEqualTo(1);
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void a_model_whose_holders_are_down_is_waited_for() {
    mesh.engine("a", 1, "mistral");
    mesh.down("a");
    Client client = mesh.submit("mistral");
    assertThat(client.ends).isZero();
    assertThat(client.position).isEqualTo(1);
    mesh.up("a", "mistral");
    assertThat(client.where()).isEqualTo("a/ollama");
  }

  @Test
  void a_model_that_somebody_absent_had_is_waited_for_and_one_that_was_deleted_is_not() {
    mesh.engine("a", 1, "mistral", "phi");
    mesh.engine("b", 1, "qwen");
    mesh.up("a", "mistral");
    assertThat(mesh.submit("phi").whyNot().code()).isEqualTo(FailureCode.NOT_FOUND);
    mesh.down("b");
    assertThat(mesh.submit("phi").position).isEqualTo(1);
  }

  @Test
  void a_named_model_is_answered_by_its_holders_only() {
    mesh.engine("a", 1, "mistral");
    mesh.engine("b", 1, "llama3");
    assertThat(mesh.submit("llama3").where()).isEqualTo("b/ollama");
    assertThat(mesh.submit("llama3").position).isEqualTo(1);
    assertThat(mesh.at("a").all).isEmpty();
  }

  @Test
  void latest_is_the_same_as_no_tag() {
    mesh.engine("a", 1, "mistral:latest");
    assertThat(mesh.submit("mistral").where()).isEqualTo("a/ollama");
  }

  @Test
  void consent_to_a_substitute_counts_only_when_no_holder_takes_work() {
    mesh.engine("a", 1, "mistral");
    mesh.engine("b", 1, "llama3", "codellama");
    mesh.ask("mistral").substitute().submit();
    assertThat(mesh.ask("mistral").substitute().submit().position).isEqualTo(1);
    mesh.down("a");
    assertThat(mesh.ask("mistral").substitute().submit().position).isEqualTo(1);
    assertThat(mesh.at("b").only().task.model()).hasToString("llama3");
  }

  @Test
  void a_substitute_is_of_the_same_type_and_real() {
    mesh.engine("a", 1, "mistral");
    mesh.engine("b", 1, "codellama");
    mesh.simulated("c", 1, "sim/llama3");
    mesh.down("a");
    assertThat(mesh.ask("mistral").substitute().submit().position).isEqualTo(1);
    mesh.engine("d", 1, "llama3");
    assertThat(mesh.at("d").only().task.model()).hasToString("llama3");
    assertThat(mesh.submit("mistral").assignments).isEmpty();
  }

  @Test
  void the_assignment_tells_which_model_really_answers() {
    mesh.engine("a", 1, "llama3");
    Client client = mesh.ask("auto").submit();
    assertThat(client.assignments.getLast().model()).hasToString("llama3");
    assertThat(client.assignments.getLast().why())
        .isEqualTo(
            "echo: model for this type of task; 0 of 1 slots busy; free memory unknown;"
                + " 1 candidate");
  }

  @ParameterizedTest
  @CsvSource({
    "auto, CHAT, mistral",
    "auto, CODE, codellama",
    "auto:code, CHAT, codellama",
    "auto:vision, CHAT, llava",
    "auto:summarize, CHAT, mistral",
    "auto:text, CODE, mistral",
    "auto, EMBED, nomic-embed-text",
    "auto:embed, EMBED, nomic-embed-text",
  })
  void a_virtual_model_is_the_one_that_suits_the_task(String asked, TaskType type, String answer) {
    mesh.engine("a", 9, "codellama", "llava", "mistral", "nomic-embed-text");
    Client client = mesh.ask(asked).type(type).submit();
    assertThat(client.assignments.getLast().model()).hasToString(answer);
  }

  @Test
  void where_no_model_suits_the_type_another_that_can_do_it_answers() {
    mesh.engine("a", 1, "mistral", "nomic-embed-text");
    assertThat(mesh.submit("auto:code").assignments.getLast().model()).hasToString("mistral");
    assertThat(mesh.submit("auto:vision").whyNot().code()).isEqualTo(FailureCode.NOT_FOUND);
    assertThat(mesh.submit("auto:nonsense").whyNot().message())
        .isEqualTo(
            "model \"auto:nonsense\" not found (expected: auto or auto:TYPE, like auto:code)");
  }

  @Test
  void simulated_engines_stand_back_for_auto_while_a_real_one_is_up() {
    mesh.simulated("demo", 4, "sim/llama3");
    Client alone = mesh.submit("auto");
    assertThat(alone.where()).isEqualTo("demo/ollama");
    assertThat(alone.assignments.getLast().simulated()).isTrue();

    mesh.engine("real", 1, "mistral");
    assertThat(mesh.submit("auto").where()).isEqualTo("real/ollama");
    assertThat(mesh.submit("auto").position).isEqualTo(1);
    assertThat(mesh.submit("sim/llama3").where()).isEqualTo("demo/ollama");
    mesh.down("real");
    assertThat(mesh.submit("auto").where()).isEqualTo("demo/ollama");
  }

  @ParameterizedTest
  @CsvSource({
    "CHAT,  tools,  mistral=completion,        \"mistral\" does not support tools",
    "CHAT,  vision, mistral=completion+tools,  \"mistral\" does not support vision",
    "CHAT,  '',     nomic-embed-text,          \"nomic-embed-text\" does not support chat",
    "EMBED, '',     mistral=completion,        \"mistral\" does not support embeddings",
  })
  void a_model_that_cannot_do_it_is_refused_before_work_starts(
      TaskType type, String need, String model, String message) {
    mesh.engine("a", 1, model);
    var ask = mesh.ask(model.split("=", 2)[0]).type(type);
    Client client = need.isEmpty() ? ask.submit() : ask.needs(need).submit();
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(client.whyNot().retry()).isEqualTo(Retry.POINTLESS);
    assertThat(client.whyNot().message()).isEqualTo(message);
    assertThat(mesh.at("a").all).isEmpty();
  }

  @Test
  void an_engine_that_says_nothing_about_capabilities_is_believed_to_have_them() {
    mesh.engine("a", 4, "mistral", "nomic-embed-text");
    assertThat(mesh.ask("mistral").needs("tools", "vision").submit().ends).isZero();
    assertThat(mesh.ask("mistral").type(TaskType.EMBED).submit().ends).isZero();
    assertThat(mesh.ask("nomic-embed-text").type(TaskType.EMBED).submit().ends).isZero();
  }

  @Test
  void whether_a_model_reranks_is_for_its_engine_to_say() {
    mesh.engine("a", 4, "bge-m3", "mistral=completion", "my-reranker");
    assertThat(mesh.ask("bge-m3").needs("rerank").submit().ends).isZero();
    assertThat(mesh.ask("mistral").needs("rerank").submit().ends).isZero();
    mesh.ask("auto").needs("rerank").submit();
    assertThat(mesh.at("a").all.getLast().task.model().value()).isEqualTo("my-reranker");
  }

  @Test
  void only_the_holders_that_can_do_it_get_the_task() {
    mesh.engine("a", 1, "mistral=completion");
    mesh.engine("b", 1, "mistral=completion+tools");
    assertThat(mesh.ask("mistral").needs("tools").submit().where()).isEqualTo("b/ollama");
    assertThat(mesh.ask("mistral").needs("tools").submit().position).isEqualTo(1);
  }

  @Test
  void a_pinned_task_runs_on_its_node_or_not_at_all() {
    mesh.engine("a", 1, "mistral");
    mesh.engine("b", 1, "mistral");
    mesh.engine("c", 1, "phi");
    assertThat(mesh.ask("mistral").pin("b").submit().where()).isEqualTo("b/ollama");
    assertThat(mesh.ask("mistral").pin("b").submit().position).isEqualTo(1);
    assertThat(mesh.ask("mistral").pin("z").submit().whyNot().message())
        .isEqualTo("node \"z\" not found");
    assertThat(mesh.ask("mistral").pin("c").submit().whyNot().message())
        .isEqualTo("model \"mistral\" not found on node \"c\", try pulling it first");
  }

  @Test
  void a_suspect_gets_only_what_nobody_else_can_do() {
    mesh.engine("a", 2, "m", "only");
    mesh.engine("b", 1, "m");
    mesh.suspect("a");
    assertThat(mesh.submit("m").where()).isEqualTo("b/ollama");
    assertThat(mesh.submit("m").position).as("b is busy, not gone").isEqualTo(1);
    assertThat(mesh.submit("only").where()).isEqualTo("a/ollama");
    mesh.down("b");
    assertThat(mesh.at("a").running()).hasSize(2);
  }

  @Test
  void a_suspect_that_refuses_connections_gets_nothing() {
    mesh.engine("a", 1, "m");
    mesh.fleet.evidence(
        Ensemble.id("a"),
        Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused"));
    assertThat(mesh.submit("m").position).isEqualTo(1);
    mesh.up("a", "m");
    assertThat(mesh.at("a").running()).hasSize(1);
  }

  @Test
  void an_engine_that_was_gray_gets_its_slots_back_step_by_step() {
    FakeEngine engine = mesh.engine("a", 10, "m");
    mesh.fleet.mute(Ensemble.id("a"), 2);
    mesh.seconds(30);
    for (int i = 0; i < 10; i++) {
      mesh.submit("m");
    }
    assertThat(engine.running()).as("the one that tries it").hasSize(1);
    engine.only().finish();
    assertThat(engine.running()).hasSize(1);
    mesh.seconds(15);
    assertThat(engine.running()).hasSizeBetween(5, 6);
    mesh.seconds(14);
    assertThat(engine.running()).hasSize(9);
  }

  @Test
  void a_drained_node_gets_nothing_new() {
    mesh.engine("a", 2, "mistral");
    mesh.engine("b", 1, "mistral");
    mesh.fleet.drain(new NodeId("a"));
    assertThat(mesh.submit("mistral").where()).isEqualTo("b/ollama");
    Client waits = mesh.submit("mistral");
    assertThat(waits.position).isEqualTo(1);
    mesh.fleet.resume(new NodeId("a"));
    assertThat(waits.where()).isEqualTo("a/ollama");
  }
}
