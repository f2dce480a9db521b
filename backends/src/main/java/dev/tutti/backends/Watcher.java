package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.LivenessLimits;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps an eye on one engine: is it alive, what does it offer. Owner loop only.
///
/// While the engine is well it is asked for its health every {@link #HEALTH_EVERY}, and for all its
/// facts as often as they may change. Where that is in doubt, or has just changed, it is asked
/// {@link #HURRY_EVERY} for about a second. While it is not, it is probed anew each time, since
/// something else may have come in its place; so its facts are told together with its return.
/// Neither question is asked again before it is answered or given up.
public final class Watcher {
  /// Between two questions whether it is alive, up or down.
  public static final Duration HEALTH_EVERY = Duration.ofSeconds(1);

  /// Between two questions while it is not sure whether it is alive.
  public static final Duration HURRY_EVERY =
      LivenessLimits.PROBES_WITHIN.dividedBy(LivenessLimits.REFUSALS);

  /// After so long without an answer to a question the engine is told to be quiet. With the time
  /// between two questions that makes {@link LivenessLimits#QUIET}.
  public static final Duration QUIET_AFTER = LivenessLimits.QUIET.minus(HEALTH_EVERY);

  /// Between two inventories where models are loaded and unloaded at will. With the time the
  /// questions take, a change is seen within 2 s.
  public static final Duration INVENTORY_EVERY = Duration.ofMillis(1_500);

  /// Between two inventories where models only change with a restart.
  public static final Duration STEADY_INVENTORY_EVERY = Duration.ofSeconds(10);

  /// Hears what is found out, on the owner loop.
  public interface Listener {
    /// It is well, and this is everything about it.
    void facts(BackendFacts facts);

    /// It is well, and what was told before still counts.
    void alive();

    /// It is not well.
    void failed(Failure failure);

    /// It was asked a while ago and has not answered yet.
    default void quiet() {}
  }

  private final Time time;
  private final Prober prober;
  private final Transport transport;
  private final EngineAddress address;
  private final Listener listener;
  private @Nullable BackendFacts well;
  private Time.@Nullable Timer healthTimer;
  private Time.@Nullable Timer inventoryTimer;
  private boolean probing;
  private boolean asking;
  private boolean unwell;
  private int hurried;
  private boolean stopped;

  /// A watcher that does nothing before {@link #start()}.
  public Watcher(
      Time time, Prober prober, Transport transport, EngineAddress address, Listener listener) {
    this.time = time;
    this.prober = prober;
    this.transport = transport;
    this.address = address;
    this.listener = listener;
  }

  /// Begins with a probe at once.
  public void start() {
    probe();
    nextBeat();
  }

  /// Somebody else has a doubt: asks at once and then a few times in a row.
  public void hurry() {
    if (!stopped && hurried == 0) {
      hurried = LivenessLimits.REFUSALS;
      cancel(healthTimer);
      beat();
    }
  }

  /// Tells nothing more. What is under way ends by itself.
  public void stop() {
    stopped = true;
    cancel(healthTimer);
    cancel(inventoryTimer);
  }

  private static void cancel(Time.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void beat() {
    if (stopped) {
      return;
    }
    hurried = Math.max(0, hurried - 1);
    BackendFacts known = well;
    if (known == null || asking) {
      if (known == null) {
        probe();
      }
      nextBeat();
      return;
    }
    asking = true;
    Time.Timer quiet = time.after(QUIET_AFTER, this::quiet);
    prober
        .health(transport, known.kind())
        .onSuccess(trouble -> {
          asking = false;
          quiet.cancel();
          if (!stopped) {
            health(trouble);
            nextBeat();
          }
        });
  }

  private void quiet() {
    if (!stopped) {
      listener.quiet();
    }
  }

  private void nextBeat() {
    cancel(healthTimer);
    healthTimer = time.after(hurried > 0 ? HURRY_EVERY : HEALTH_EVERY, this::beat);
  }

  private void health(Optional<Failure> trouble) {
    if (trouble.isPresent()) {
      unwell(trouble.get());
    } else if (well != null) {
      listener.alive();
    }
  }

  private void unwell(Failure failure) {
    well = null;
    cancel(inventoryTimer);
    if (!unwell) {
      unwell = true;
      hurried = LivenessLimits.REFUSALS;
      nextBeat();
    }
    listener.failed(failure);
  }

  private void probe() {
    if (stopped || probing) {
      return;
    }
    probing = true;
    prober
        .probe(transport, address)
        .onSuccess(finding -> {
          probing = false;
          if (!stopped) {
            take(finding);
          }
        });
  }

  private void take(Finding finding) {
    switch (finding) {
      case Finding.Found(BackendFacts facts) -> {
        well = facts;
        cancel(inventoryTimer);
        inventoryTimer = time.after(inventoryPause(facts), this::probe);
        if (unwell) {
          unwell = false;
          hurried = LivenessLimits.RISE;
          nextBeat();
        }
        listener.facts(facts);
      }
      case Finding.Unavailable(Failure failure) -> unwell(failure);
      case Finding.NoEngine(String why) ->
          unwell(Failure.of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, why));
      case Finding.ThisHub() ->
          unwell(
              Failure.of(FailureCode.LOOP, Retry.POINTLESS, address.url() + " is this hub itself"));
    }
  }

  private static Duration inventoryPause(BackendFacts facts) {
    boolean changes =
        switch (facts.kind()) {
          case OLLAMA, LM_STUDIO -> true;
          // In router mode it loads and unloads as well.
          case LLAMA_SERVER ->
              facts.models().size() > 1
                  || facts.models().stream().anyMatch(model -> !model.loaded().resident());
          case VLLM, OPENAI, ANTHROPIC -> false;
        };
    return changes ? INVENTORY_EVERY : STEADY_INVENTORY_EVERY;
  }
}
