package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The registry of machines and backends. Owner loop only; {@link #view()} is for everybody.
///
/// A backend gets here in two ways: somebody gives its address and the hub probes it ({@link
/// #addDirect}, {@link #probed}), or the agent on its machine reports it ({@link #nodeReported}).
/// An engine that is reached in both ways is one backend, see {@link #addressed}. Each change is
/// told as a {@link FleetEvent}, in order, before the command returns unless it was given from
/// within an event; by then {@link #view()} shows it.
///
/// A command that would exceed {@link FleetLimits} or names what it may not throws {@link
/// MeshException} and changes nothing. News of what was removed meanwhile is ignored.
public final class Fleet {
  private final Time time;
  private final Roster roster;
  private final News news;
  private final Sentry sentry;
  private final Agents agents;

  /// A fleet of the hub's own machine only, which is there from the start and is not told.
  ///
  /// @param self the hub's own machine
  /// @param selfHost its address as the hub sees it
  /// @param events hears each change
  public Fleet(Time time, NodeId self, String selfHost, Consumer<FleetEvent> events) {
    this.time = time;
    this.roster = new Roster(time, self, selfHost, events);
    var doubt = new Doubt();
    this.news = new News(time, roster, doubt);
    this.sentry = new Sentry(time, roster, news, doubt);
    this.agents = new Agents(time, roster, news, sentry);
  }

  /// Everything as it is now.
  public FleetView view() {
    return roster.view();
  }

  // ---- what was known before

  /// Takes over a machine and its backends as they were known in an earlier life: nothing is up
  /// until it shows itself, facts and model names are kept. Ignored where already known.
  public void restore(NodeView node) {
    KnownNode machine = roster.node(node.id());
    if (machine == null) {
      roster.checkRoomForNode();
      machine = roster.newNode(node.id(), node.host(), node.role());
      machine.hasAgent = node.hasAgent();
      machine.pending = node.pending();
      machine.seenAt = node.seenAt();
      machine.hardware = node.hardware();
    }
    machine.drained = node.drained();
    machine.label = node.label();
    for (BackendView old : node.backends()) {
      if (roster.backend(old.id()) != null) {
        continue;
      }
      roster.checkRoomForBackends(1);
      var fixed = old.slotsFixed() ? OptionalInt.of(old.slots()) : OptionalInt.empty();
      KnownBackend backend = roster.newBackend(old.id(), node.id(), old.way(), old.url(), fixed);
      backend.facts = old.facts();
      backend.factsKnown = !old.facts().equals(BackendFacts.NONE);
      backend.drained = old.drained() && !node.drained();
      roster.remember(old.facts().models());
    }
    roster.settle();
  }

  // ---- backends the hub reaches itself

  /// The machine to which a backend at that host belongs: the one known under the host, else one
  /// named after it.
  public NodeId nodeAt(String host) {
    return roster.nodeAt(host).orElseGet(() -> BackendNaming.nodeOf(host));
  }

  /// Adds a backend that the hub reaches by itself, or changes the address or slots of one.
  ///
  /// @param slots attempts at a time if the owner says so, 1 to {@value FleetLimits#MAX_SLOTS}
  public void addDirect(BackendId id, NodeId node, String host, String url, OptionalInt slots) {
    checkSlots(slots);
    KnownBackend known = roster.backend(id);
    if (known != null && (known.way != Way.DIRECT || !known.node.equals(node))) {
      throw MeshException.invalid("backend: " + id + " is taken (expected: another name)");
    }
    if (known != null) {
      changeDirect(known, url, slots);
      return;
    }
    roster.checkRoomForBackends(1);
    if (roster.node(node) == null) {
      roster.checkRoomForNode();
      roster.newNode(node, host, NodeRole.LLM_WORKER);
    }
    roster.newBackend(id, node, Way.DIRECT, url, slots);
    roster.settle();
  }

  private void changeDirect(KnownBackend known, String url, OptionalInt slots) {
    if (known.url.equals(url) && known.slotsFixed.equals(slots)) {
      return;
    }
    if (!known.url.equals(url)) {
      known.url = url;
      known.liveness = Liveness.UNKNOWN;
      known.keys = new LinkedHashSet<>();
    }
    known.slotsFixed = slots;
    news.changed(known, "changed by its owner");
    roster.settle();
  }

  /// Says under which addresses a backend is reached. Keys are opaque and equal if and only if they
  /// mean the same listening socket, such as `machineKey:port` or `ip:port`. Of backends that share
  /// one, only one is in the view: the agent's while the agent watches it, else the first that was
  /// added; the others are {@link FleetEvent.BackendGone} and come back when it goes.
  public void addressed(BackendId id, Set<String> keys) {
    KnownBackend backend = roster.backend(id);
    if (backend == null || backend.keys.equals(keys)) {
      return;
    }
    if (keys.size() > FleetLimits.MAX_ADDRESS_KEYS) {
      throw MeshException.invalid(
          "keys: " + keys.size() + " (expected: <= " + FleetLimits.MAX_ADDRESS_KEYS + ")");
    }
    backend.keys = new LinkedHashSet<>(keys);
    roster.settle();
  }

  /// From now on the registry always looks whether its own loop is late, and doubts itself when it
  /// was. Without that it does so only while there is somebody to look after.
  public void watchOwnLoop() {
    sentry.stayAwake();
  }

  /// A probe found the backend well.
  public void probed(BackendId id, BackendFacts facts) {
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      return;
    }
    backend.owing = false;
    backend.beats.begin(time.nanos());
    roster.signOfLife(backend.node);
    var well = new Liveness.Sign.Well();
    Liveness before = backend.liveness;
    if (!backend.facts.equals(facts) || !before.equals(news.after(before, well))) {
      news.learn(backend, facts, well, "answers");
      roster.settle();
    }
  }

  /// A probe of the backend failed.
  public void probeFailed(BackendId id, Failure failure) {
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      return;
    }
    boolean answered =
        failure.code() != FailureCode.ENGINE_UNREACHABLE
            && failure.code() != FailureCode.ENGINE_STALLED;
    backend.owing = false;
    if (answered) {
      backend.beats.begin(time.nanos());
    }
    news.judge(backend, new Liveness.Sign.ProbeFailed(failure), failure.message());
    if (failure.code() == FailureCode.ENGINE_STALLED) {
      quiet(id);
    }
    sentry.wake();
  }

  /// The backend was asked something a while ago and has not answered yet.
  public void quiet(BackendId id) {
    KnownBackend backend = roster.backend(id);
    if (backend != null && backend.way == Way.DIRECT) {
      // Bytes of answers may have come after the question: then its silence has only begun.
      backend.owing = true;
      news.judge(backend, sentry.silence(backend, time.nanos()), "");
      sentry.wake();
    }
  }

  /// A client's attempt failed on the backend: what is hard counts at once, softer evidence twice
  /// in a row, an engine's own error not at all.
  public void evidence(BackendId id, Failure failure) {
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      return;
    }
    news.judge(backend, new Liveness.Sign.AttemptFailed(failure), failure.message());
    if (backend.way == Way.AGENT && backend.liveness.health() != Health.UP) {
      backend.evidenceHolds = true;
      backend.evidenceNanos = time.nanos();
    }
    sentry.wake();
  }

  /// Bytes of an answer came from the backend. One in {@link LivenessLimits#SIGN_EVERY} is enough.
  public void signOfLife(BackendId id) {
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      return;
    }
    long now = time.nanos();
    backend.beats.bytes(now);
    backend.beats.begin(now);
    if (backend.liveness.suspicion() == Liveness.Suspicion.SILENT) {
      news.judge(backend, new Liveness.Sign.Alive(), "answers");
    }
    KnownNode node = backend.way == Way.AGENT ? roster.node(backend.node) : null;
    if (node != null) {
      node.beats.bytes(now);
    }
  }

  /// So many answers of the backend that had begun bring nothing any more, and no other does. One
  /// that does not answer at all is not gray for that: it is to be used as soon as it is back.
  public void mute(BackendId id, int answers) {
    KnownBackend backend = roster.backend(id);
    if (backend == null || isSilent(roster.health(backend))) {
      return;
    }
    if (answers >= backend.standing.muteLimit()) {
      sentry.stand(backend, backend.standing.ejected(time.nanos()), "mute");
    }
  }

  private static boolean isSilent(Health health) {
    return switch (health) {
      case SUSPECT, DOWN, OFFLINE -> true;
      case UNKNOWN, UP, BUSY, GRAY -> false;
    };
  }

  /// An answer of the backend ended well.
  ///
  /// @param tokensPerSecond how fast it came, 0 when that is not known
  /// @param beside how many answers came from there at its end, itself included
  public void served(BackendId id, ModelName model, double tokensPerSecond, int beside) {
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      return;
    }
    long now = time.nanos();
    if (tokensPerSecond > 0 && backend.speeds.isTooSlow(model, tokensPerSecond, beside)) {
      sentry.stand(backend, backend.standing.ejected(now), "slow");
    } else if (backend.standing.phase() == Standing.Phase.TRIAL) {
      sentry.stand(backend, backend.standing.served(now), "tried and found well");
    }
  }

  /// Removes a backend. Its models stay known by name.
  public void remove(BackendId id) {
    KnownBackend backend = roster.backend(id);
    if (backend != null) {
      roster.forget(backend, "removed by its owner");
      roster.settle();
    }
  }

  /// Sets a backend's attempts at a time, or leaves them to the engine again.
  public void slots(BackendId id, OptionalInt slots) {
    checkSlots(slots);
    KnownBackend backend = roster.backend(id);
    if (backend != null && !backend.slotsFixed.equals(slots)) {
      backend.slotsFixed = slots;
      news.changed(backend, "slots set by its owner");
      roster.settle();
    }
  }

  /// Gives a backend no new work; running attempts finish.
  public void drain(BackendId id) {
    setDrained(roster.backend(id), true, "drained");
  }

  /// Undoes {@link #drain(BackendId)}.
  public void resume(BackendId id) {
    setDrained(roster.backend(id), false, "resumed");
  }

  // ---- machines with an agent

  /// A machine asks to join and waits for a human's yes.
  public void nodePending(NodeId id, String host) {
    agents.pending(id, host);
  }

  /// A human said yes.
  public void nodeApproved(NodeId id) {
    agents.approved(id);
  }

  /// A machine's agent is connected and may be here.
  public void nodeJoined(NodeId id, String host, NodeRole role, Hardware hardware) {
    agents.joined(id, host, role, hardware);
  }

  /// What an agent says about its machine: its backends, named `node/NAME`, with the agent's own
  /// verdict. One it leaves out is forgotten. A report is a sign of life.
  public void nodeReported(NodeId id, NodeReport report) {
    agents.reported(id, report);
  }

  /// A machine's agent is alive. What an attempt's failure said against one of its engines gives
  /// way to the agent's last word once it is older than {@link LivenessLimits#EVIDENCE_HOLDS}.
  public void heartbeat(NodeId id) {
    agents.heartbeat(id);
  }

  /// How far a machine's wall clock is ahead of the hub's, negative when it is behind. Nothing is
  /// decided by it and nobody is told: people may want to know.
  public void nodeClock(NodeId id, Duration ahead) {
    agents.clock(id, ahead);
  }

  /// A machine's agent closed its connection: it is suspect, and down if it does not make another
  /// within {@link LivenessLimits#PROBES_WITHIN}. Silence is noticed by the registry itself.
  public void nodeLost(NodeId id, String why) {
    agents.lost(id, why);
  }

  /// Removes a machine and all its backends.
  public void nodeRemoved(NodeId id) {
    if (roster.isSelf(id)) {
      throw MeshException.invalid("node: " + id + " is the hub itself (expected: another one)");
    }
    KnownNode node = roster.node(id);
    if (node != null) {
      roster.backendsOf(id).forEach(backend -> roster.forget(backend, "its node was removed"));
      roster.forget(node);
      roster.settle();
    }
  }

  /// Gives a machine no new work; running attempts finish.
  public void drain(NodeId id) {
    setDrained(roster.node(id), true, "drained");
  }

  /// Undoes {@link #drain(NodeId)}.
  public void resume(NodeId id) {
    setDrained(roster.node(id), false, "resumed");
  }

  /// Writes something on a machine, at most {@value FleetLimits#MAX_LABEL_CHARS} characters.
  public void label(NodeId id, String label) {
    if (label.length() > FleetLimits.MAX_LABEL_CHARS) {
      throw MeshException.invalid(
          "label: "
              + label.length()
              + " characters (expected: <= "
              + FleetLimits.MAX_LABEL_CHARS
              + ")");
    }
    KnownNode node = roster.node(id);
    if (node != null && !node.label.equals(label)) {
      node.label = label;
      news.changed(node, "labelled");
      roster.settle();
    }
  }

  /// What a machine is made of; for the hub's own, whose memory no agent reports.
  public void hardware(NodeId id, Hardware hardware) {
    KnownNode node = roster.node(id);
    if (node != null && !node.hardware.equals(hardware)) {
      node.hardware = hardware;
      roster.settle();
    }
  }

  private void setDrained(@Nullable KnownBackend backend, boolean drained, String why) {
    if (backend != null && backend.drained != drained) {
      backend.drained = drained;
      news.changed(backend, why);
      roster.settle();
    }
  }

  private void setDrained(@Nullable KnownNode node, boolean drained, String why) {
    if (node != null && node.drained != drained) {
      node.drained = drained;
      news.changed(node, why);
      roster.backendsOf(node.id).forEach(backend -> news.changed(backend, why));
      roster.settle();
    }
  }

  private static void checkSlots(OptionalInt slots) {
    if (slots.isPresent() && (slots.getAsInt() < 1 || slots.getAsInt() > FleetLimits.MAX_SLOTS)) {
      throw MeshException.invalid(
          "slots: " + slots.getAsInt() + " (expected: 1 to " + FleetLimits.MAX_SLOTS + ")");
    }
  }
}
