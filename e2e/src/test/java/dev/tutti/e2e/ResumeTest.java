package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.LlamaServer;
import dev.tutti.testkit.StreamedAnswer;
import dev.tutti.testkit.StreamedAnswer.Meanwhile;
import dev.tutti.testkit.StreamedAnswer.Way;
import dev.tutti.testkit.TuttiProcess;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A real engine is killed in the midst of its answer, and another one goes on with it.
final class ResumeTest {
  private static final String MODEL = "chain";
  private static final Duration SEEN_WITHIN = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private final List<LlamaServer> engines = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private TuttiProcess hub;
  private HubApi api;

  @BeforeEach
  void start() {
    var binary = LlamaServer.require();
    Path model = folder.resolve("chain.gguf");
    ChainModel.write(model, ChainModel.Pace.SLOW);
    List<String> words = new ArrayList<>(List.of("--no-discover"));
    for (int engine = 0; engine < 2; engine++) {
      var server = LlamaServer.start(binary, model, 1, "--alias", MODEL, "--jinja");
      engines.add(server);
      words.addAll(List.of("--backend", server.url()));
    }
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
    api = new HubApi(hub.url());
    allAreUp();
  }

  @AfterEach
  void stop() {
    http.close();
    if (api != null) {
      api.close();
    }
    if (hub != null) {
      hub.close();
    }
    engines.forEach(LlamaServer::close);
  }

  private void allAreUp() {
    Eventually.until(
        "all engines are up",
        SEEN_WITHIN,
        () ->
            engines.stream()
                .allMatch(engine ->
                    api.backendAt(engine.url())
                        .filter(each -> each.path("health").asString().equals("up"))
                        .isPresent()));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void the_client_sees_one_unbroken_answer(Way way) throws Exception {
    StreamedAnswer whole = StreamedAnswer.ask(http, hub.url(), way, MODEL, Meanwhile.NOTHING);
    assertThat(whole.status()).as(whole.text()).isEqualTo(200);
    assertThat(whole.endsWell()).isTrue();

    int middle = whole.text().length() / 2;
    StreamedAnswer broken =
        StreamedAnswer.ask(http, hub.url(), way, MODEL, new Meanwhile(middle, this::kill));

    assertThat(broken.lasting()).as(hub.log()).isEqualTo(whole.lasting());
    assertThat(task(broken).path("attempts").asInt()).isEqualTo(2);
    assertThat(task(broken).path("ran").path("why").asString())
        .contains("goes on with the answer that broke off on " + broken.backend());
    assertThat(task(broken).path("ran").path("backend").asString()).isNotEqualTo(broken.backend());
    assertThat(task(broken).path("output_tokens").asInt())
        .isEqualTo(task(whole).path("output_tokens").asInt());
    assertThat(task(broken).path("prompt_tokens").asInt())
        .isEqualTo(task(whole).path("prompt_tokens").asInt());
  }

  @Test
  void an_engine_that_comes_back_goes_on_itself_when_there_is_nobody_else() throws Exception {
    engines.removeLast().close();
    StreamedAnswer whole =
        StreamedAnswer.ask(http, hub.url(), Way.OPENAI_CHAT, MODEL, Meanwhile.NOTHING);
    var restarting = new Thread[1];
    StreamedAnswer broken =
        StreamedAnswer.ask(
            http,
            hub.url(),
            Way.OPENAI_CHAT,
            MODEL,
            new Meanwhile(
                whole.text().length() / 2,
                _ -> {
                  engines.getFirst().kill9();
                  restarting[0] = Thread.ofVirtual().start(engines.getFirst()::restartOnSamePort);
                }));
    restarting[0].join();
    assertThat(broken.lasting()).as(hub.log()).isEqualTo(whole.lasting());
  }

  private void kill(String backend) {
    String url =
        api.get("backends")
            .path("backends")
            .valueStream()
            .filter(each -> each.path("backend_id").asString().equals(backend))
            .map(each -> each.path("url").asString())
            .findFirst()
            .orElseThrow();
    engines.stream().filter(engine -> engine.url().equals(url)).findFirst().orElseThrow().kill9();
  }

  private tools.jackson.databind.JsonNode task(StreamedAnswer answer) {
    return api.get("tasks/" + answer.task());
  }
}
