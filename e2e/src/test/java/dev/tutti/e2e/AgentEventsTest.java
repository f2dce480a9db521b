package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What happens on a machine with an agent shows at the hub: models, deaths, returns, and the
/// owner's commands. Each test leaves the mesh whole.
class AgentEventsTest {
  private static final String NODE = "worker";
  private static final String MODEL = "sim/small";
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /// How soon a model's loading shows.
  private static final Duration SOON = Duration.ofSeconds(2);

  /// How soon a dead agent is known as such.
  private static final Duration DEATH = Duration.ofSeconds(5);

  private static final int OK = 0;
  private static final int DEGRADED = 5;
  private static final int DOWN = 6;

  private static final TuttiProcess.Place HUB_HOME = TuttiProcess.Place.fresh();
  private static final TuttiProcess.Place AGENT_HOME = TuttiProcess.Place.fresh();
  private static PacedProcess engine;
  private static TuttiProcess hub;
  private static TuttiProcess agent;
  private static HubView view;

  @BeforeAll
  static void start() {
    engine = PacedProcess.start("--kind", "ollama", "--models", MODEL + ",sim/other");
    hub = TuttiProcess.hub(HUB_HOME, "--no-discover");
    view = new HubView(hub.url());
    agent = AgentProcess.join(hub.url(), HUB_HOME, AGENT_HOME, NODE, engine.url());
    awaitWhole();
  }

  @AfterAll
  static void stop() {
    agent.close();
    hub.close();
    engine.close();
    agent.forget();
    hub.forget();
  }

  @Test
  void a_model_that_loads_or_unloads_shows_soon() {
    try (var events = EventWatch.of(view.url())) {
      engine.order("load", MODEL);
      events.await("model.loaded", SOON, data -> isModel(data, MODEL));
      Eventually.until("it shows as loaded", SOON, () -> isLoaded(MODEL));
      assertThat(isLoaded("sim/other")).isFalse();

      engine.order("unload", MODEL);
      events.await("model.unloaded", SOON, data -> isModel(data, MODEL));
      Eventually.until("it shows as unloaded", SOON, () -> !isLoaded(MODEL));
    }
  }

  @Test
  void a_killed_agent_is_offline_within_seconds_and_back_when_it_runs_again() {
    agent.kill9();

    Eventually.until("the node is offline", DEATH, () -> status().equals("offline"));
    var refused =
        Http.post(
            view.url() + "/v1/chat/completions",
            HubView.chatBody(MODEL, 5),
            "x-tutti-ttl-ms",
            "200");
    assertThat(refused.status()).as(refused.toString()).isIn(404, 503);
    assertThat(cli("status", "--json").code()).isEqualTo(DEGRADED);

    agent = AgentProcess.again(AGENT_HOME, NODE, engine.url());
    awaitWhole();
    assertServed();
  }

  @Test
  void a_node_can_be_drained_and_resumed() {
    assertThat(cli("node", "drain", NODE).code()).isEqualTo(OK);
    assertThat(status()).isEqualTo("drained");
    var refused =
        Http.post(
            view.url() + "/v1/chat/completions",
            HubView.chatBody(MODEL, 5),
            "x-tutti-ttl-ms",
            "200");
    assertThat(refused.status()).as(refused.toString()).isEqualTo(503);

    assertThat(cli("node", "resume", NODE).code()).isEqualTo(OK);
    assertThat(status()).isIn("idle", "online");
    assertServed();
  }

  @Test
  void a_removed_node_is_forgotten_and_its_agent_ends() {
    try (var leaver = AgentProcess.join(view.url(), HUB_HOME, "leaver", engine.url())) {
      Eventually.until("it is known", PATIENCE, () -> view.node("leaver").isPresent());

      assertThat(cli("node", "rm", "leaver").code()).isEqualTo(OK);

      assertThat(view.node("leaver")).isEmpty();
      assertThat(leaver.exit()).isEqualTo(DOWN);
      assertThat(cli("node", "show", "leaver").code()).isEqualTo(DOWN);
      leaver.forget();
    }
    assertServed();
  }

  @Test
  void commands_tell_by_their_exit_code_and_json_how_the_mesh_is() {
    var status = cli("status", "--json");
    assertThat(status.code()).as(status.toString()).isEqualTo(OK);
    assertThat(json(status).path("hub_id").asString("")).isNotEmpty();

    var doctor = cli("doctor", "--json");
    JsonNode found = json(doctor);
    assertThat(doctor.code()).as(doctor.toString()).isEqualTo(found.path("exit").intValue());
    assertThat(doctor.code()).isIn(OK, DEGRADED);
    Optional<JsonNode> aboutHub =
        found.path("findings").valueStream().filter(each -> isAbout(each, "hub")).findFirst();
    assertThat(aboutHub.orElseThrow().path("severity").asString("")).isEqualTo("ok");

    String nobody = "http://127.0.0.1:1";
    assertThat(TuttiProcess.run(HUB_HOME, "--url", nobody, "status").code()).isEqualTo(DOWN);
    assertThat(cli("node", "drain", "nobody").code()).isEqualTo(DOWN);
  }

  @Test
  void a_hub_that_starts_again_knows_its_nodes_and_they_come_back() {
    String nodePort = nodePort();
    String before = json(cli("status", "--json")).path("hub_id").asString("");
    hub.close();

    hub =
        TuttiProcess.start(
            HUB_HOME,
            "up",
            "--port",
            "0",
            "--node-port",
            nodePort,
            "--grpc-port",
            "0",
            "--no-discover");
    view = new HubView(hub.url());

    assertThat(view.node(NODE)).as("the node, before its agent is back").isPresent();
    awaitWhole();
    assertThat(json(cli("status", "--json")).path("hub_id").asString("")).isEqualTo(before);
    assertServed();
  }

  private static boolean isAbout(JsonNode finding, String id) {
    return finding.path("id").asString("").equals(id);
  }

  private static boolean isModel(JsonNode data, String model) {
    return data.path("model").asString("").equals(model)
        && data.path("node").asString("").equals(NODE);
  }

  private static boolean isLoaded(String model) {
    return view.node(NODE)
        .orElseThrow()
        .path("models")
        .valueStream()
        .anyMatch(each ->
            each.path("name").asString("").equals(model) && each.path("loaded").booleanValue());
  }

  private static String status() {
    return view.node(NODE).orElseThrow().path("status").asString("");
  }

  private static void awaitWhole() {
    Eventually.until(
        "the agent's engine is known",
        PATIENCE,
        () -> status().equals("idle") && view.offers(engine.url(), MODEL));
  }

  private static void assertServed() {
    var answer = view.chat(MODEL, 5);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.header("x-tutti-node")).isEqualTo(NODE);
  }

  private static TuttiProcess.Said cli(String... words) {
    var all = new String[words.length + 2];
    all[0] = "--url";
    all[1] = view.url();
    System.arraycopy(words, 0, all, 2, words.length);
    return TuttiProcess.run(HUB_HOME, all);
  }

  private static JsonNode json(TuttiProcess.Said said) {
    return JsonMapper.shared().readTree(said.out());
  }

  /// Where agents connect, as an invitation tells.
  private static String nodePort() {
    String command = cli("node", "invite", "--name", "nobody").out();
    return command.replaceFirst("(?s).*https://[^ ]*:(\\d+) .*", "$1");
  }
}
