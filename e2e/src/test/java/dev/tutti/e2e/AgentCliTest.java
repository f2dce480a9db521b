package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Command-line agents do a whole task through a hub: they ask, are told to call their tool that
/// writes files, do it, tell the result, and end. The engine plays the model's part.
final class AgentCliTest {
  private static final String MODEL = "sim/agent";
  private static final String LAST_WORD = "The score is written.";
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void an_agent_does_a_task_with_a_tool(AgentCli agent) throws IOException {
    agent.fetch();
    Path home = Files.createDirectory(folder.resolve("home"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Path score = work.toRealPath().resolve("score.txt");
    Path play =
        Files.writeString(folder.resolve("play.json"), agent.play(score, "tutti", LAST_WORD));
    try (var engine =
            PacedProcess.start(
                "--models",
                MODEL,
                "--slots",
                "4",
                "--decode",
                "200",
                "--prefill",
                "100000",
                "--script",
                play.toString());
        var hub =
            TuttiProcess.hub(
                TuttiProcess.Place.fresh(), "--no-discover", "--backend", engine.url());
        var api = new HubApi(hub.url())) {
      Eventually.until("the model is up", SOON, () -> !api.modelsUp().isEmpty());
      Program.Said said =
          agent.run(home, work, hub.url(), MODEL, "Write the word tutti into score.txt.");
      String story = agent.name().toLowerCase(Locale.ROOT) + ": " + said + "\nhub:\n" + hub.log();
      assertThat(said.code()).as(story).isZero();
      assertThat(said.out()).as(story).contains(LAST_WORD);
      assertThat(score).as(story).hasContent("tutti\n");
      assertThat(api.get("tasks").path("tasks").valueStream())
          .as(story)
          .hasSizeGreaterThanOrEqualTo(2)
          .allSatisfy(task -> assertThat(task.path("state").asString()).isEqualTo("done"));
    }
  }
}
