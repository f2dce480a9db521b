package dev.tutti.paced;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// The simulated machine: the models it has, the memory they share, its slots, and its counts.
/// Owned by the engine's loop; only the counts are read by others.
final class Machine {
  /// A model is loaded with so much context unless somebody asks for another.
  static final int DEFAULT_CONTEXT_TOKENS = 4096;

  private final PaceProfile profile;
  private final Time time;
  private final Residents residents;
  private final Slots slots;
  private final Map<ModelName, PacedModel> models = new LinkedHashMap<>();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong aborted = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong tokens = new AtomicLong();
  private final Set<String> blobs = new HashSet<>();
  private long ids;
  private final Map<String, Buffer> heard = new TreeMap<>();

  Machine(PaceProfile profile, Time time) {
    this.profile = profile;
    this.time = time;
    Pace pace = profile.pace();
    this.slots = new Slots(pace.slots(), pace.maxQueued());
    // Engines that load at start hold what they serve; only on demand is memory shared.
    int room =
        profile.kind().loadsOnDemand()
            ? pace.maxResident()
            : Math.max(pace.maxResident(), profile.models().size());
    this.residents = new Residents(time, room, pace.load());
    profile.models().forEach(this::add);
  }

  PaceProfile profile() {
    return profile;
  }

  Time time() {
    return time;
  }

  Residents residents() {
    return residents;
  }

  Collection<PacedModel> models() {
    return models.values();
  }

  /// A model that was not there before; an engine that loads at start begins to load it.
  void add(PacedModel model) {
    models.put(model.name(), model);
    if (!profile.kind().loadsOnDemand()) {
      load(model);
    }
  }

  void remove(ModelName name) {
    models.remove(name);
    residents.unload(name);
  }

  /// Loads without a request; the model stays until it is unloaded or pushed out.
  void load(PacedModel model) {
    residents.acquire(model.name(), defaultContextTokens(model));
    residents.release(model.name(), Residents.FOREVER);
  }

  /// The digests of the files that were given to it.
  Set<String> blobs() {
    return blobs;
  }

  /// The model with this name, as one that can be asked for `role`.
  PacedModel find(String name, PacedModel.Role role) {
    PacedModel model = name.isEmpty() ? null : models.get(new ModelName(name));
    if (model == null) {
      throw refusal(FailureCode.NOT_FOUND, "model '" + name + "' not found");
    }
    if (!model.can(role)) {
      String what = role == PacedModel.Role.EMBED ? "embeddings" : "chat";
      throw refusal(FailureCode.UNSUPPORTED, "\"" + name + "\" does not support " + what);
    }
    return model;
  }

  /// Starts the work, or refuses it because the model is still loading or the queue is full.
  Generation start(Ask ask, Fault fault, Generation.Sink sink) {
    if (!profile.kind().loadsOnDemand() && !residents.isReady(ask.model().name())) {
      throw refusal(FailureCode.ENGINE_BUSY, "Loading model");
    }
    int answer = fault.kind() == Fault.Kind.ENDLESS ? PaceProfile.ENDLESS : profile.answerTokens();
    var wait =
        fault.kind() == Fault.Kind.SLOW_FIRST_BYTE
            ? Duration.ofMillis(fault.argument())
            : Duration.ZERO;
    var generation = new Generation(this, ask, wait, answer, sink);
    if (!generation.start(slots)) {
      throw refusal(
          FailureCode.ENGINE_BUSY,
          "server busy, please try again.  maximum pending requests exceeded");
    }
    return generation;
  }

  int contextTokens(Ask ask) {
    return ask.contextTokens() > 0
        ? Math.min(ask.contextTokens(), ask.model().contextTokens())
        : defaultContextTokens(ask.model());
  }

  int defaultContextTokens(PacedModel model) {
    return profile.kind().loadsOnDemand()
        ? Math.min(DEFAULT_CONTEXT_TOKENS, model.contextTokens())
        : model.contextTokens();
  }

  /// What the play says to this prompt, else what would be answered without one.
  Ask.Want played(Prompt prompt, List<Ask.OfferedTool> offered, String callId, Ask.Want usual) {
    return profile.play().next(prompt, offered, callId).orElse(usual);
  }

  /// A name that this engine gives only once.
  String nextId() {
    ids++;
    return "sim" + Long.toHexString(Words.mix(Words.hash(profile.name()) + ids)) + ids;
  }

  /// Remembers the newest request of each path for work as it came, before anything is made of it.
  void heard(String path, Buffer body) {
    heard.put(path, body);
  }

  Map<String, Buffer> heard() {
    return heard;
  }

  void countRequest() {
    requests.incrementAndGet();
  }

  void countToken() {
    tokens.incrementAndGet();
  }

  void countEnd(Generation.End end) {
    var counter =
        switch (end) {
          case COMPLETED -> completed;
          case ABORTED -> aborted;
          case FAILED -> failed;
        };
    counter.incrementAndGet();
  }

  PacedStats stats() {
    return new PacedStats(
        slots.active(),
        slots.queued(),
        completed.get(),
        aborted.get(),
        failed.get(),
        requests.get(),
        tokens.get(),
        residents.loads());
  }

  static MeshException refusal(FailureCode code, String message) {
    return new MeshException(Failure.of(code, Retry.POINTLESS, message));
  }
}
