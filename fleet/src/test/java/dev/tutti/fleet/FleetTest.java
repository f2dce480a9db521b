package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FleetTest {
  private static final NodeId HUB = new NodeId("hub");
  private static final NodeId MAESTRO = new NodeId("maestro");
  private static final BackendId OLLAMA = new BackendId("hub/ollama");
  private static final BackendId DIRECT = new BackendId("box/ollama");
  private static final BackendId REPORTED = new BackendId("maestro/ollama");
  private static final NodeId BOX = new NodeId("box");
  private static final ModelName MISTRAL = new ModelName("mistral");

  private final SimulatedTime time = new SimulatedTime();
  private final List<FleetEvent> events = new ArrayList<>();
  private final Fleet fleet = new Fleet(time, HUB, "127.0.0.1", events::add);

  static ModelFacts model(String name, boolean loaded) {
    return new ModelFacts(
        new ModelName(name),
        ModelType.TEXT,
        Bytes.UNKNOWN,
        "",
        0,
        loaded ? new ModelFacts.Loaded(true, Bytes.UNKNOWN, Bytes.UNKNOWN, 0, "") : unloaded(),
        List.of(),
        Map.of(),
        "");
  }

  private static ModelFacts.Loaded unloaded() {
    return ModelFacts.Loaded.NOT;
  }

  static BackendFacts facts(ModelFacts... models) {
    return new BackendFacts(BackendKind.OLLAMA, "0.12", 0, List.of(models), false);
  }

  private static Failure refused() {
    return Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused");
  }

  private static NodeReport report(Health health, Set<String> keys, ModelFacts... models) {
    return new NodeReport(
        Hardware.UNKNOWN,
        List.of(
            new NodeReport.Backend(
                "ollama", "http://127.0.0.1:11434", keys, facts(models), health, "")));
  }

  private BackendView backend(BackendId id) {
    BackendView view = fleet.view().backends().get(id);
    if (view == null) {
      throw new AssertionError(id + " is not in the view");
    }
    return view;
  }

  private NodeView node(NodeId id) {
    return fleet.view().node(id).orElseThrow();
  }

  private void addOwn() {
    fleet.addDirect(OLLAMA, HUB, "127.0.0.1", "http://127.0.0.1:11434", OptionalInt.empty());
  }

  private void addBox() {
    fleet.addDirect(DIRECT, BOX, "10.0.0.5", "http://10.0.0.5:11434", OptionalInt.empty());
  }

  private void join() {
    fleet.nodeJoined(MAESTRO, "10.0.0.5", NodeRole.LLM_WORKER, Hardware.UNKNOWN);
  }

  @Test
  void the_hubs_own_machine_is_there_from_the_start() {
    assertThat(node(HUB).role()).isEqualTo(NodeRole.HQ);
    assertThat(node(HUB).connected()).isTrue();
    assertThat(events).isEmpty();
  }

  @Test
  void a_direct_backend_is_unknown_until_a_good_probe() {
    addOwn();
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UNKNOWN);
    assertThat(backend(OLLAMA).slots()).isZero();
    fleet.probed(OLLAMA, facts(model("mistral", false)));
    assertThat(backend(OLLAMA).takesWork()).isTrue();
    assertThat(backend(OLLAMA).slots()).isEqualTo(1);
    assertThat(fleet.view().everSeen()).containsExactly(MISTRAL);
  }

  @Test
  void the_owners_word_on_slots_counts_more_than_the_engines() {
    fleet.addDirect(OLLAMA, HUB, "127.0.0.1", "http://x", OptionalInt.of(4));
    fleet.probed(OLLAMA, new BackendFacts(BackendKind.LLAMA_SERVER, "", 2, List.of(), false));
    assertThat(backend(OLLAMA).slots()).isEqualTo(4);
    fleet.slots(OLLAMA, OptionalInt.empty());
    assertThat(backend(OLLAMA).slots()).isEqualTo(2);
    assertThatThrownBy(() -> fleet.slots(OLLAMA, OptionalInt.of(0)))
        .isInstanceOf(MeshException.class)
        .hasMessage("slots: 0 (expected: 1 to 1024)");
  }

  @Test
  void differences_between_probes_are_told_as_events() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true), model("phi", false)));
    events.clear();
    fleet.probed(OLLAMA, facts(model("mistral", false), model("qwen", true)));
    assertThat(events)
        .containsExactly(
            new FleetEvent.ModelUnloaded(OLLAMA, HUB, MISTRAL),
            new FleetEvent.ModelVanished(OLLAMA, HUB, new ModelName("phi")),
            new FleetEvent.ModelAppeared(OLLAMA, HUB, new ModelName("qwen")),
            new FleetEvent.ModelLoaded(OLLAMA, HUB, new ModelName("qwen")));
  }

  @Test
  void a_probe_that_finds_nothing_new_changes_nothing() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    events.clear();
    long version = fleet.view().version();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    assertThat(events).isEmpty();
    assertThat(fleet.view().version()).isEqualTo(version);
  }

  @Test
  void a_refused_connection_takes_a_backend_out_and_one_good_probe_brings_it_back() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    fleet.evidence(OLLAMA, refused());
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.SUSPECT);
    assertThat(backend(OLLAMA).takesWork()).isFalse();
    assertThat(backend(OLLAMA).takesWorkAsLast()).isFalse();
    assertThat(backend(OLLAMA).trouble()).isEqualTo("refused");
    assertThat(backend(OLLAMA).model(MISTRAL)).isPresent();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    assertThat(backend(OLLAMA).takesWork()).isTrue();
    assertThat(backend(OLLAMA).trouble()).isEmpty();
  }

  @Test
  void an_agentless_machine_comes_and_goes_with_its_backends() {
    addBox();
    assertThat(events.getFirst()).isInstanceOf(FleetEvent.NodeJoined.class);
    assertThat(node(BOX).connected()).isFalse();
    fleet.probed(DIRECT, facts());
    assertThat(node(BOX).connected()).isTrue();
    fleet.remove(DIRECT);
    assertThat(fleet.view().node(BOX)).isEmpty();
    assertThat(events.getLast()).isEqualTo(new FleetEvent.NodeRemoved(BOX));
  }

  @Test
  void a_backend_at_a_known_host_belongs_to_the_machine_there() {
    assertThat(fleet.nodeAt("127.0.0.1")).isEqualTo(HUB);
    addBox();
    assertThat(fleet.nodeAt("10.0.0.5")).isEqualTo(BOX);
    assertThat(fleet.nodeAt("Studio.local")).isEqualTo(new NodeId("studio"));
  }

  @Test
  void of_two_addresses_of_one_engine_the_first_stays() {
    addOwn();
    addBox();
    fleet.addressed(OLLAMA, Set.of("key:11434"));
    fleet.addressed(DIRECT, Set.of("10.0.0.5:11434", "key:11434"));
    assertThat(fleet.view().backends()).containsOnlyKeys(OLLAMA);
    assertThat(fleet.view().node(BOX)).isEmpty();
    assertThat(events)
        .contains(new FleetEvent.BackendGone(DIRECT, "the same engine as hub/ollama"));
    fleet.remove(OLLAMA);
    assertThat(fleet.view().backends()).containsOnlyKeys(DIRECT);
  }

  @Test
  void the_agents_way_to_an_engine_wins_and_the_direct_one_returns_when_the_agent_leaves() {
    addBox();
    fleet.addressed(DIRECT, Set.of("key:11434"));
    fleet.probed(DIRECT, facts(model("mistral", true)));
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of("key:11434"), model("mistral", true)));
    assertThat(fleet.view().backends()).containsOnlyKeys(REPORTED);
    assertThat(backend(REPORTED).takesWork()).isTrue();

    fleet.nodeLost(MAESTRO, "connection closed");
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    time.advance(Duration.ofMillis(1_250));
    assertThat(fleet.view().backends()).containsOnlyKeys(DIRECT);
    assertThat(backend(DIRECT).health()).isEqualTo(Health.UNKNOWN);
    fleet.probed(DIRECT, facts(model("mistral", true)));
    assertThat(backend(DIRECT).takesWork()).isTrue();

    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of("key:11434"), model("mistral", true)));
    assertThat(fleet.view().backends()).containsOnlyKeys(REPORTED);
  }

  @Test
  void a_silent_agent_is_lost_after_eight_seconds_and_not_before() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    for (int i = 0; i < 20; i++) {
      time.advance(Duration.ofSeconds(1));
      fleet.heartbeat(MAESTRO);
    }
    assertThat(node(MAESTRO).connected()).isTrue();
    time.advance(Duration.ofMillis(2_500));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
    time.advance(Duration.ofMillis(250));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    assertThat(backend(REPORTED).takesWorkAsLast()).isTrue();
    assertThat(NodeStatus.of(node(MAESTRO), 0)).isEqualTo(NodeStatus.SUSPECT);
    time.advance(Duration.ofMillis(4_750));
    assertThat(node(MAESTRO).connected()).isTrue();
    time.advance(Duration.ofMillis(250));
    assertThat(node(MAESTRO).connected()).isFalse();
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    assertThat(backend(REPORTED).trouble()).isEqualTo("silent for 8 s");
    events.clear();
    time.advance(LivenessLimits.OFFLINE_AFTER);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.OFFLINE);
    assertThat(events)
        .filteredOn(FleetEvent.NodeChanged.class::isInstance)
        .extracting(event -> ((FleetEvent.NodeChanged) event).why())
        .containsExactly("down for 180 s: silent for 8 s");
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void an_agent_that_was_only_silent_is_well_again_by_its_heartbeats() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    time.advance(Duration.ofSeconds(3));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
    time.advance(Duration.ofSeconds(9));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
    assertThat(node(MAESTRO).connected()).isTrue();
  }

  @Test
  void bytes_of_an_answer_keep_a_silent_agent_from_being_down() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    for (int i = 0; i < 60; i++) {
      time.advance(LivenessLimits.SIGN_EVERY);
      fleet.signOfLife(REPORTED);
    }
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    time.advance(LivenessLimits.PROOF_OF_LIFE);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
  }

  @Test
  void an_observer_who_was_asleep_calls_nobody_down() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    var asleep = new SleepyTime(time);
    var other = new Fleet(asleep, HUB, "127.0.0.1", _ -> {});
    asleep.late = Duration.ofSeconds(12);
    other.nodeJoined(MAESTRO, "10.0.0.5", NodeRole.LLM_WORKER, Hardware.UNKNOWN);
    time.advance(Duration.ofSeconds(13));
    assertThat(node(MAESTRO).connected()).isFalse();
    assertThat(other.view().node(MAESTRO).orElseThrow().connected()).isTrue();
  }

  /// Time of a loop whose timers are late.
  private static final class SleepyTime implements Time {
    private final SimulatedTime time;
    Duration late = Duration.ZERO;

    SleepyTime(SimulatedTime time) {
      this.time = time;
    }

    @Override
    public Instant now() {
      return time.now();
    }

    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public Timer after(Duration delay, Runnable action) {
      return time.after(delay.plus(late), action);
    }
  }

  @Test
  void an_engine_whose_answers_stop_behind_a_question_is_suspect_as_soon_as_any() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    time.advance(Duration.ofSeconds(1));
    fleet.signOfLife(OLLAMA);
    time.advance(Duration.ofMillis(1_500));
    fleet.quiet(OLLAMA);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
    time.advance(LivenessLimits.QUIET.minusMillis(1_500).plus(LivenessLimits.SWEEP_EVERY));
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.SUSPECT);
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    time.advance(Duration.ofMinutes(1));
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
  }

  @Test
  void an_engine_that_does_not_answer_at_all_is_not_gray_when_it_is_back() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    time.advance(LivenessLimits.QUIET.plusSeconds(3));
    fleet.quiet(OLLAMA);
    fleet.mute(OLLAMA, LivenessLimits.MUTE_STREAMS);
    time.advance(LivenessLimits.SILENCE);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.DOWN);
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
  }

  @Test
  void an_engine_whose_agent_says_that_it_is_silent_is_suspect_then_down() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.nodeReported(MAESTRO, report(Health.SUSPECT, Set.of(), model("mistral", true)));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    beats(4);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    beats(2);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    fleet.nodeReported(MAESTRO, report(Health.SUSPECT, Set.of(), model("mistral", true)));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
  }

  @Test
  void an_engine_whose_agent_says_that_it_is_silent_is_not_down_while_its_answers_come() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.nodeReported(MAESTRO, report(Health.SUSPECT, Set.of(), model("mistral", true)));
    for (int second = 0; second < 20; second++) {
      fleet.signOfLife(REPORTED);
      beats(1);
    }
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
  }

  /// So many seconds in which the agent is well.
  private void beats(int seconds) {
    for (int second = 0; second < seconds; second++) {
      fleet.heartbeat(MAESTRO);
      time.advance(LivenessLimits.HEARTBEAT);
    }
  }

  @Test
  void an_engine_that_is_mute_is_left_alone_then_tried_then_used_more_and_more() {
    fleet.addDirect(OLLAMA, HUB, "127.0.0.1", "http://x", OptionalInt.of(10));
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    fleet.mute(OLLAMA, 1);
    assertThat(backend(OLLAMA).takesWork()).isTrue();
    fleet.mute(OLLAMA, LivenessLimits.MUTE_STREAMS);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.GRAY);
    assertThat(backend(OLLAMA).takesWork()).isFalse();
    assertThat(backend(OLLAMA).takesWorkAsLast()).isTrue();
    assertThat(NodeStatus.of(node(HUB), 0)).isEqualTo(NodeStatus.GRAY);

    time.advance(LivenessLimits.EJECTED);
    assertThat(backend(OLLAMA).takesWork()).isTrue();
    assertThat(backend(OLLAMA).openSlots()).isEqualTo(1);
    fleet.served(OLLAMA, MISTRAL, 0, 1);
    assertThat(backend(OLLAMA).share()).isEqualTo(10);
    time.advance(LivenessLimits.SLOW_START.dividedBy(2));
    assertThat(backend(OLLAMA).openSlots()).isBetween(5, 6);
    time.advance(LivenessLimits.SLOW_START);
    assertThat(backend(OLLAMA).openSlots()).isEqualTo(10);

    fleet.mute(OLLAMA, 2);
    time.advance(LivenessLimits.EJECTED);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.GRAY);
    time.advance(LivenessLimits.EJECTED);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
    fleet.mute(OLLAMA, 1);
    assertThat(backend(OLLAMA).health()).as("on trial one is enough").isEqualTo(Health.GRAY);
  }

  @Test
  void an_engine_is_gray_when_it_is_slow_three_times_and_not_because_of_a_crowd() {
    addOwn();
    fleet.probed(OLLAMA, facts(model("mistral", true)));
    for (int i = 0; i < 20; i++) {
      fleet.served(OLLAMA, MISTRAL, 40, 1);
    }
    for (int i = 0; i < 5; i++) {
      fleet.served(OLLAMA, MISTRAL, 8, 8);
    }
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
    fleet.served(OLLAMA, MISTRAL, 4, 1);
    fleet.served(OLLAMA, MISTRAL, 4, 1);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.UP);
    fleet.served(OLLAMA, MISTRAL, 4, 1);
    assertThat(backend(OLLAMA).health()).isEqualTo(Health.GRAY);
  }

  @Test
  void an_agent_that_returns_is_watched_for_silence_again() {
    join();
    fleet.nodeLost(MAESTRO, "closed");
    time.advance(Duration.ofSeconds(5));
    join();
    assertThat(node(MAESTRO).connected()).isTrue();
    time.advance(Duration.ofSeconds(10));
    assertThat(node(MAESTRO).connected()).isFalse();
  }

  @Test
  void an_engine_the_agent_no_longer_reports_is_gone_but_its_models_stay_known() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.nodeReported(MAESTRO, new NodeReport(Hardware.UNKNOWN, List.of()));
    assertThat(fleet.view().backends()).isEmpty();
    assertThat(fleet.view().everSeen()).containsExactly(MISTRAL);
  }

  @Test
  void an_engine_the_agent_reports_as_down_keeps_its_facts() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.nodeReported(MAESTRO, report(Health.DOWN, Set.of()));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.DOWN);
    assertThat(backend(REPORTED).model(MISTRAL)).isPresent();
  }

  @Test
  void what_an_attempt_met_outweighs_the_agents_word_for_three_seconds() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.evidence(REPORTED, refused());
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    time.advance(Duration.ofSeconds(2));
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.SUSPECT);
    time.advance(Duration.ofSeconds(1));
    fleet.heartbeat(MAESTRO);
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
  }

  @Test
  void an_agent_that_has_seen_an_engine_fall_and_rise_is_believed_when_it_says_so() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.evidence(REPORTED, refused());
    fleet.nodeReported(MAESTRO, report(Health.DOWN, Set.of()));
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    assertThat(backend(REPORTED).health()).isEqualTo(Health.UP);
  }

  @Test
  void a_stranger_waits_for_approval() {
    fleet.nodePending(MAESTRO, "10.0.0.5");
    assertThat(NodeStatus.of(node(MAESTRO), 0)).isEqualTo(NodeStatus.PENDING);
    fleet.nodeApproved(MAESTRO);
    assertThat(node(MAESTRO).pending()).isFalse();
  }

  @Test
  void a_drained_machine_gives_no_backend_work_until_it_is_resumed() {
    addOwn();
    fleet.probed(OLLAMA, facts());
    fleet.drain(HUB);
    assertThat(backend(OLLAMA).takesWork()).isFalse();
    assertThat(NodeStatus.of(node(HUB), 1)).isEqualTo(NodeStatus.DRAINED);
    fleet.resume(HUB);
    assertThat(backend(OLLAMA).takesWork()).isTrue();
    assertThat(NodeStatus.of(node(HUB), 1)).isEqualTo(NodeStatus.BUSY);
    assertThat(NodeStatus.of(node(HUB), 0)).isEqualTo(NodeStatus.IDLE);
    fleet.evidence(OLLAMA, refused());
    assertThat(NodeStatus.of(node(HUB), 0)).isEqualTo(NodeStatus.SUSPECT);
    for (int i = 0; i < LivenessLimits.REFUSALS; i++) {
      fleet.probeFailed(OLLAMA, refused());
    }
    assertThat(NodeStatus.of(node(HUB), 0)).isEqualTo(NodeStatus.OFFLINE);
  }

  @Test
  void a_removed_machine_takes_its_backends_along_but_the_hub_cannot_be_removed() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("mistral", true)));
    fleet.label(MAESTRO, "in the cellar");
    assertThat(node(MAESTRO).label()).isEqualTo("in the cellar");
    fleet.nodeRemoved(MAESTRO);
    assertThat(fleet.view().nodes()).extracting(NodeView::id).containsExactly(HUB);
    assertThat(fleet.view().backends()).isEmpty();
    assertThatThrownBy(() -> fleet.nodeRemoved(HUB)).isInstanceOf(MeshException.class);
    assertThatThrownBy(() -> fleet.nodeJoined(HUB, "x", NodeRole.HQ, Hardware.UNKNOWN))
        .isInstanceOf(MeshException.class);
  }

  @Test
  void how_far_a_machines_clock_is_off_is_shown_until_its_agent_comes_anew_and_moves_nobody() {
    join();
    assertThat(node(MAESTRO).clockAhead()).isEmpty();
    events.clear();
    fleet.nodeClock(MAESTRO, Duration.ofHours(-2));
    assertThat(node(MAESTRO).clockAhead()).contains(Duration.ofHours(-2));
    assertThat(events).isEmpty();
    join();
    assertThat(node(MAESTRO).clockAhead()).isEmpty();
    fleet.nodeLost(MAESTRO, "gone");
    fleet.nodeClock(MAESTRO, Duration.ofHours(1));
    assertThat(node(MAESTRO).clockAhead()).isEmpty();
  }

  @Test
  void what_was_known_before_is_known_again_but_nothing_of_it_is_up() {
    addBox();
    fleet.probed(DIRECT, facts(model("mistral", true)));
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of(), model("phi", true)));
    var old = fleet.view().nodes();

    var later = new Fleet(time, HUB, "127.0.0.1", events::add);
    old.forEach(later::restore);
    assertThat(later.view().backends()).containsOnlyKeys(DIRECT, REPORTED);
    assertThat(later.view().backends().values()).noneMatch(BackendView::takesWork);
    assertThat(later.view().everSeen()).contains(MISTRAL, new ModelName("phi"));
    assertThat(later.view().node(MAESTRO).orElseThrow().connected()).isFalse();
    later.probed(DIRECT, facts(model("mistral", true)));
    assertThat(later.view().backends().get(DIRECT)).matches(view -> view.takesWork());
  }

  @Test
  void names_may_not_be_taken_twice_in_different_ways() {
    join();
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of()));
    assertThatThrownBy(
            () -> fleet.addDirect(REPORTED, MAESTRO, "x", "http://x", OptionalInt.empty()))
        .isInstanceOf(MeshException.class)
        .hasMessage("backend: maestro/ollama is taken (expected: another name)");
    var bad =
        new NodeReport(
            Hardware.UNKNOWN,
            List.of(
                new NodeReport.Backend(
                    "not a name", "http://x", Set.of(), facts(), Health.UP, "")));
    assertThatThrownBy(() -> fleet.nodeReported(MAESTRO, bad)).isInstanceOf(MeshException.class);
    assertThat(fleet.view().backends()).containsOnlyKeys(REPORTED);
  }

  @Test
  void news_of_strangers_is_ignored() {
    fleet.probed(DIRECT, facts());
    fleet.probeFailed(DIRECT, refused());
    fleet.evidence(DIRECT, refused());
    fleet.heartbeat(MAESTRO);
    fleet.nodeLost(MAESTRO, "why");
    fleet.nodeReported(MAESTRO, report(Health.UP, Set.of()));
    fleet.drain(MAESTRO);
    assertThat(events).isEmpty();
  }
}
