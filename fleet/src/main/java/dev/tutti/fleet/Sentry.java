package dev.tutti.fleet;

import dev.tutti.core.Time;
import java.util.List;

/// Looks at the clock for all who cannot say that they are gone: who is silent for too long, whose
/// time apart is over, and whether the watch itself was asleep. Owner loop only.
///
/// It sleeps while there is nobody to watch, so that an idle fleet sets no timers.
final class Sentry {
  private final Time time;
  private final Roster roster;
  private final News news;
  private final Doubt doubt;
  private boolean awake;
  private boolean sleepless;
  private long dueNanos;

  Sentry(Time time, Roster roster, News news, Doubt doubt) {
    this.time = time;
    this.roster = roster;
    this.news = news;
    this.doubt = doubt;
  }

  /// Never sleeps from now on, so that it always knows whether its loop is late.
  void stayAwake() {
    sleepless = true;
    wake();
  }

  /// Somebody is to be watched.
  void wake() {
    if (!awake) {
      awake = true;
      dueNanos = time.nanos() + LivenessLimits.SWEEP_EVERY.toNanos();
      time.after(LivenessLimits.SWEEP_EVERY, this::sweep);
    }
  }

  private void sweep() {
    long now = time.nanos();
    doubt.passed(now);
    doubt.late(now, now - dueNanos);
    boolean busy = sleepless;
    for (KnownNode node : List.copyOf(roster.nodes())) {
      busy |= look(node, now);
    }
    for (KnownBackend backend : List.copyOf(roster.backends())) {
      busy |= look(backend, now);
    }
    awake = false;
    if (busy || doubt.isDoubting()) {
      wake();
    }
  }

  /// @return whether it is to be looked at again
  private boolean look(KnownNode node, long now) {
    if (node.hasAgent && node.trust.health().isThere()) {
      news.judge(
          node,
          new Liveness.Sign.Silent(
              node.beats.silence(now),
              node.beats.limit() * doubt.factor(),
              node.beats.hasProof(now)),
          "silent");
    }
    news.judge(node, new Liveness.Sign.Passed(), "well for long enough");
    return node.hasAgent && (node.trust.health().isThere() || node.trust.health() == Health.DOWN);
  }

  private boolean look(KnownBackend backend, long now) {
    Health health = backend.liveness.health();
    if ((health == Health.SUSPECT || backend.owing) && backend.way == Way.DIRECT) {
      news.judge(backend, silence(backend, now), "");
    } else if (health == Health.SUSPECT && backend.told.health() == Health.SUSPECT) {
      news.judge(backend, toldSilence(backend, now), "");
    }
    if (health == Health.SUSPECT || health == Health.DOWN) {
      news.judge(backend, new Liveness.Sign.Passed(), "");
    }
    if (backend.standing.phase() != Standing.Phase.FULL) {
      stand(backend, backend.standing.passed(now), "tried again");
    }
    Health after = backend.liveness.health();
    return after == Health.SUSPECT
        || after == Health.DOWN
        || (backend.owing && after.isThere())
        || backend.standing.phase() == Standing.Phase.EJECTED
        || backend.standing.phase() == Standing.Phase.RISING;
  }

  Liveness.Sign.Silent silence(KnownBackend backend, long now) {
    return new Liveness.Sign.Silent(
        backend.beats.silence(now),
        LivenessLimits.QUIET.toNanos() * doubt.factor(),
        backend.beats.hasProof(now));
  }

  /// The silence of an engine of which its agent said that it began, told after {@link
  /// LivenessLimits#QUIET}.
  private Liveness.Sign.Silent toldSilence(KnownBackend backend, long now) {
    return new Liveness.Sign.Silent(
        now - backend.liveness.sinceNanos() + LivenessLimits.QUIET.toNanos(),
        LivenessLimits.QUIET.toNanos() * doubt.factor(),
        backend.beats.hasProof(now));
  }

  /// Gives a backend another standing and tells the world if it makes a difference.
  void stand(KnownBackend backend, Standing next, String why) {
    Health before = roster.health(backend);
    backend.standing = next;
    int share = next.share(time.nanos());
    if (before != roster.health(backend) || share != backend.shownShare) {
      backend.shownShare = share;
      news.changed(backend, roster.health(backend) == Health.GRAY ? "mute or slow" : why);
      roster.settle();
    }
    if (next.phase() != Standing.Phase.FULL) {
      wake();
    }
  }
}
