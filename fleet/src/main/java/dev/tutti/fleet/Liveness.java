package dev.tutti.fleet;

import dev.tutti.core.Failure;
import java.time.Duration;

/// Whether a machine or an engine can be trusted to answer: a pure policy over a small state.
///
/// Suspicion is cheap and comes at the first hint; being down is dear and needs proof; and whoever
/// doubts himself proves nothing. Times are {@link dev.tutti.core.Time#nanos()}.
///
/// @param health the verdict; never `GRAY`, of which {@link Standing} knows
/// @param suspicion what speaks against it while it is suspect
/// @param trouble why it is not up, empty when it is
/// @param sinceNanos when the verdict became what it is
/// @param refused refused probes in a row
/// @param soft other bad signs in a row
/// @param good good signs in a row since it was down
/// @param fallen whether it has been down since it was last up
/// @param falls how often it fell, each fall soon after a return
/// @param heldNanos how long it is held back after its last return, 0 when it is not
/// @param returnedNanos when it last returned
record Liveness(
    Health health,
    Suspicion suspicion,
    String trouble,
    long sinceNanos,
    int refused,
    int soft,
    int good,
    boolean fallen,
    int falls,
    long heldNanos,
    long returnedNanos) {
  /// Nothing known yet.
  static final Liveness UNKNOWN = of(Health.UNKNOWN, "");

  /// What speaks against a suspect.
  enum Suspicion {
    NONE,
    /// Nothing was heard of it.
    SILENT,
    /// Nobody listens there.
    REFUSED,
    /// An answer broke off, or several were not given.
    BROKEN,
    /// Its connection to us was closed.
    CLOSED,
    /// It answers its probes badly.
    SICK,
    /// It has come and gone too often.
    HELD
  }

  /// Something learned about it.
  sealed interface Sign {
    /// A probe found it well, or it sent a heartbeat.
    record Well() implements Sign {}

    /// Bytes of an answer came from it.
    record Alive() implements Sign {}

    /// A probe failed.
    record ProbeFailed(Failure failure) implements Sign {}

    /// A client's attempt failed there.
    record AttemptFailed(Failure failure) implements Sign {}

    /// Whoever watches it from nearby says so.
    record Told(Health health, String trouble) implements Sign {}

    /// Its connection to us was closed.
    record Closed(String why) implements Sign {}

    /// Nothing was heard of it for so long.
    ///
    /// @param limitNanos from when on that is suspect, doubt included
    /// @param bytes whether bytes of an answer came within {@link LivenessLimits#PROOF_OF_LIFE}
    record Silent(long nanos, long limitNanos, boolean bytes) implements Sign {}

    /// Time went by.
    record Passed() implements Sign {}
  }

  static Liveness of(Health health, String trouble) {
    return new Liveness(health, Suspicion.NONE, trouble, 0, 0, 0, 0, false, 0, 0, 0);
  }

  /// The state after the sign.
  ///
  /// @param doubting whether the observer doubts himself: then nobody goes down
  Liveness after(Sign sign, long now, boolean doubting) {
    return switch (sign) {
      case Sign.Well() -> well(now, 1);
      case Sign.Alive() -> suspicion == Suspicion.SILENT ? well(now, 1) : this;
      case Sign.Told(Health told, String why) -> told(told, why, now);
      case Sign.ProbeFailed(Failure failure) -> afterProbe(failure, now, doubting);
      case Sign.AttemptFailed(Failure failure) -> afterAttempt(failure, now);
      case Sign.Closed(String why) ->
          health.isDown() ? this : suspect(Suspicion.CLOSED, why, now, 0, 0);
      case Sign.Silent silent -> afterSilence(silent, now, doubting);
      case Sign.Passed() -> passed(now);
    };
  }

  /// Whether it may be given work that nobody else can do. One that refuses connections may not: an
  /// attempt there would be thrown away.
  boolean isLastResort() {
    return health == Health.SUSPECT && suspicion != Suspicion.REFUSED;
  }

  private Liveness well(long now, int weight) {
    return switch (health) {
      case UNKNOWN -> up(now);
      case UP -> soft == 0 ? this : counted(0, 0, 0, trouble);
      case SUSPECT -> isHeld(now) ? held(now) : up(now);
      case BUSY -> fallen ? risen(now) : isHeld(now) ? held(now) : up(now);
      case DOWN, OFFLINE ->
          good + weight >= LivenessLimits.RISE ? risen(now) : counted(0, 0, good + weight, trouble);
      case GRAY -> this;
    };
  }

  private Liveness told(Health told, String why, long now) {
    return switch (told) {
      case UP, GRAY -> well(now, LivenessLimits.RISE);
      case BUSY -> busy(why, now);
      // What is known to be down is not better for being silent still.
      case SUSPECT -> health.isDown() ? this : suspect(Suspicion.SICK, why, now, 0, 0);
      case DOWN, OFFLINE -> down(why, now);
      case UNKNOWN -> to(Health.UNKNOWN, Suspicion.NONE, why, now);
    };
  }

  private Liveness afterProbe(Failure failure, long now, boolean doubting) {
    return switch (failure.code()) {
      case ENGINE_UNREACHABLE -> refused(failure.message(), now, doubting);
      case ENGINE_BUSY -> busy(failure.message(), now);
      // How long it has been silent is judged by the clock.
      case ENGINE_STALLED ->
          switch (health) {
            case UNKNOWN -> down(failure.message(), now);
            case DOWN, OFFLINE -> counted(0, 0, 0, failure.message());
            case UP, BUSY, SUSPECT, GRAY -> this;
          };
      // A probe asks so little that any other failure of it is a sign of trouble.
      case BROKEN_STREAM,
          ENGINE_ERROR,
          INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          MISDIRECTED,
          RATE_LIMITED,
          OVER_BUDGET,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          BUSY,
          LOOP ->
          sick(failure.message(), now, doubting);
    };
  }

  private Liveness refused(String why, long now, boolean doubting) {
    return switch (health) {
      case UNKNOWN -> down(why, now);
      case UP, BUSY, SUSPECT -> {
        boolean proven = refused + 1 >= LivenessLimits.REFUSALS && !doubting;
        yield proven ? down(why, now) : suspect(Suspicion.REFUSED, why, now, refused + 1, soft);
      }
      case DOWN, OFFLINE -> counted(0, 0, 0, why);
      case GRAY -> this;
    };
  }

  private Liveness sick(String why, long now, boolean doubting) {
    return switch (health) {
      case UNKNOWN -> down(why, now);
      case UP, BUSY, SUSPECT -> {
        int count = soft + 1;
        if (count >= LivenessLimits.FALL && !doubting) {
          yield down(why, now);
        }
        boolean doubtful = count >= LivenessLimits.FALL - 1 || health == Health.SUSPECT;
        yield doubtful
            ? suspect(Suspicion.SICK, why, now, 0, count)
            : counted(0, count, 0, trouble);
      }
      case DOWN, OFFLINE -> counted(0, 0, 0, why);
      case GRAY -> this;
    };
  }

  private Liveness afterAttempt(Failure failure, long now) {
    boolean there = health.isThere();
    return switch (failure.code()) {
      case ENGINE_UNREACHABLE ->
          there ? suspect(Suspicion.REFUSED, failure.message(), now, refused, soft) : this;
      case BROKEN_STREAM ->
          there && suspicion != Suspicion.REFUSED
              ? suspect(Suspicion.BROKEN, failure.message(), now, refused, soft)
              : this;
      case ENGINE_BUSY ->
          health == Health.UP || health == Health.UNKNOWN ? busy(failure.message(), now) : this;
      case ENGINE_STALLED -> {
        boolean doubtful = soft + 1 >= LivenessLimits.SOFT;
        yield !there || health == Health.SUSPECT
            ? this
            : doubtful
                ? suspect(Suspicion.BROKEN, failure.message(), now, refused, soft + 1)
                : counted(refused, soft + 1, 0, trouble);
      }
      // An engine's error may be the request's fault: it says nothing about the engine.
      case ENGINE_ERROR,
          INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          MISDIRECTED,
          RATE_LIMITED,
          OVER_BUDGET,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          BUSY,
          LOOP ->
          this;
    };
  }

  private Liveness afterSilence(Sign.Silent silent, long now, boolean doubting) {
    if (health == Health.SUSPECT) {
      boolean proven =
          suspicion == Suspicion.CLOSED
              ? now - sinceNanos >= LivenessLimits.PROBES_WITHIN.toNanos()
              : silent.nanos() >= LivenessLimits.SILENCE.toNanos();
      return proven && !silent.bytes() && !doubting
          ? down(suspicion == Suspicion.CLOSED ? trouble : silentFor(silent), now)
          : this;
    }
    boolean there = health == Health.UP || health == Health.BUSY;
    return there && silent.nanos() >= silent.limitNanos()
        ? suspect(Suspicion.SILENT, silentFor(silent), now, 0, soft)
        : this;
  }

  private static String silentFor(Sign.Silent silent) {
    return "silent for " + Duration.ofNanos(silent.nanos()).plusMillis(500).toSeconds() + " s";
  }

  private Liveness passed(long now) {
    if (health == Health.DOWN && now - sinceNanos >= LivenessLimits.OFFLINE_AFTER.toNanos()) {
      return to(Health.OFFLINE, Suspicion.NONE, trouble, now);
    }
    return suspicion == Suspicion.HELD && !isHeld(now) ? up(now) : this;
  }

  private boolean isHeld(long now) {
    return now - returnedNanos < heldNanos;
  }

  // ---- the next state

  private Liveness up(long now) {
    return new Liveness(Health.UP, Suspicion.NONE, "", now, 0, 0, 0, false, falls, 0, now);
  }

  private Liveness suspect(Suspicion next, String why, long now, int refusals, int softs) {
    // A connection that closed is judged by the moment in which it did.
    long since = health == Health.SUSPECT && next != Suspicion.CLOSED ? sinceNanos : now;
    return new Liveness(
        Health.SUSPECT,
        next,
        why,
        since,
        refusals,
        softs,
        0,
        fallen,
        falls,
        heldNanos,
        returnedNanos);
  }

  private Liveness busy(String why, long now) {
    return to(Health.BUSY, Suspicion.NONE, why, now);
  }

  private Liveness down(String why, long now) {
    if (health.isDown()) {
      return counted(0, 0, 0, why);
    }
    boolean first = fallen || health == Health.UNKNOWN;
    boolean flapped = isHeld(now) || now - returnedNanos < LivenessLimits.FLAP_WITHIN.toNanos();
    int fell = first ? falls : flapped ? falls + 1 : 1;
    return new Liveness(
        Health.DOWN, Suspicion.NONE, why, now, 0, 0, 0, true, fell, heldNanos, returnedNanos);
  }

  /// It was down and is well: it is used at once, unless it has flapped.
  private Liveness risen(long now) {
    if (falls < 2) {
      return up(now);
    }
    long hold =
        Math.min(
            LivenessLimits.FLAP_FIRST.toNanos() << Math.min(falls - 2, 16),
            LivenessLimits.FLAP_LONGEST.toNanos());
    return new Liveness(Health.SUSPECT, Suspicion.HELD, "", now, 0, 0, 0, false, falls, hold, now)
        .held(now);
  }

  private Liveness held(long now) {
    return new Liveness(
        Health.SUSPECT,
        Suspicion.HELD,
        "fell "
            + falls
            + " times in a row, held back for "
            + Duration.ofNanos(heldNanos).toSeconds()
            + " s",
        health == Health.SUSPECT ? sinceNanos : now,
        0,
        0,
        0,
        false,
        falls,
        heldNanos,
        returnedNanos);
  }

  private Liveness to(Health next, Suspicion why, String words, long now) {
    return new Liveness(
        next,
        why,
        words,
        next == health ? sinceNanos : now,
        0,
        0,
        0,
        fallen,
        falls,
        heldNanos,
        returnedNanos);
  }

  private Liveness counted(int refusals, int softs, int goods, String words) {
    return new Liveness(
        health,
        suspicion,
        words,
        sinceNanos,
        refusals,
        softs,
        goods,
        fallen,
        falls,
        heldNanos,
        returnedNanos);
  }
}
