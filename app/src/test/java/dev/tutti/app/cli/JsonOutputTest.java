package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// One document on standard output, and nothing else.
final class JsonOutputTest {

  @ParameterizedTest
  @CsvSource({
    "status, status",
    "node list, nodes",
    "node show maestro, node",
    "node drain maestro, node",
    "node resume maestro, node",
    "node approve maestro, node",
    "node rm maestro, removed",
    "node invite --name attic, invite",
    "node pending, pending",
    "ca status, authority",
    "ca rotate, authority",
    "ca rollback --force, authority",
    "backend list, backends",
    "backend add http://127.0.0.1:11434, backend",
    "backend probe maestro/ollama, backend",
    "backend rm maestro/ollama, removed",
    "discover, discover",
    "model list, models",
    "task list, tasks",
    "task show t-5ndmvrgq6hs0a9w2x4zc, task",
    "task cancel t-5ndmvrgq6hs0a9w2x4zc, cancelled",
    "queue, queue",
    "route explain llama3.2:3b, explain",
    "embed nomic-embed-text one two, embeddings",
  })
  void the_document_is_the_hubs_own(String line, String recorded) throws IOException {
    try (var hub = RecordedHub.complete()) {
      var run = new CommandRun().with("TUTTI_URL", hub.url());

      run.run((line + " --json").split(" ", -1));

      var expected = Golden.resource("recorded/" + recorded + ".json");
      var mapper = JsonMapper.shared();
      assertThat(mapper.readTree(run.out())).isEqualTo(mapper.readTree(expected));
      assertThat(run.err()).isEmpty();
    }
  }

  @Test
  void a_failure_is_a_document_on_standard_error() throws IOException {
    try (var hub = new RecordedHub()) {
      var run = new CommandRun().with("TUTTI_URL", hub.url());

      assertThat(run.run("node", "show", "nobody", "--json")).isEqualTo(6);

      assertThat(run.out()).isEmpty();
      var error = JsonMapper.shared().readTree(run.err()).path("error");
      assertThat(error.path("exit").asInt()).isEqualTo(6);
      assertThat(error.path("message").asString()).isEqualTo("no such thing");
    }
  }

  @Test
  void what_is_asked_for_is_what_was_typed() throws IOException {
    try (var hub = RecordedHub.complete()) {
      new CommandRun()
          .with("TUTTI_URL", hub.url())
          .run("backend", "add", "http://10.0.0.7:8080/,slots=3,name=attic");
      new CommandRun()
          .with("TUTTI_URL", hub.url())
          .run("node", "invite", "--name", "attic", "--role", "hq");

      assertThat(hub.asked())
          .extracting(RecordedHub.Asked::body)
          .containsExactly(
              "{\"url\":\"http://10.0.0.7:8080\",\"slots\":3,\"name\":\"attic\"}",
              "{\"name\":\"attic\",\"role\":\"hq\"}");
    }
  }

  @Test
  void completion_and_version_have_documents_too() {
    var script = new CommandRun();
    var version = new CommandRun();

    script.run("completion", "fish", "--json");
    version.run("version", "--json");

    assertThat(JsonMapper.shared().readTree(script.out()).path("script").asString())
        .contains("complete -c tutti");
    assertThat(JsonMapper.shared().readTree(version.out()).path("version").asString())
        .isEqualTo(Version.NUMBER);
  }
}
