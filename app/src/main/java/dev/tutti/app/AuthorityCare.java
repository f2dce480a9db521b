package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.hub.Enrolment;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that the authority's own certificates are renewed in time. Owner loop only.
final class AuthorityCare {
  /// Between two looks whether one is due: timers stand still while a machine sleeps, and its wall
  /// clock may be put right at any time.
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /// After a try that left one due, since the root's key is away.
  private static final Duration AGAIN = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(AuthorityCare.class);

  private final Vertx vertx;
  private final Authority authority;
  private final Enrolment enrolment;
  private final Time time;
  private boolean stopped;

  AuthorityCare(Vertx vertx, Authority authority, Enrolment enrolment, Time time) {
    this.vertx = vertx;
    this.authority = authority;
    this.enrolment = enrolment;
    this.time = time;
  }

  /// Looks from now on.
  void begin() {
    if (stopped) {
      return;
    }
    if (!authority.isDue()) {
      time.after(LOOK_EVERY, this::begin);
      return;
    }
    vertx
        .<Boolean>executeBlocking(
            () -> {
              authority.tend();
              return true;
            },
            false)
        .onFailure(trouble -> LOG.error("The hub's certificate is not renewed.", trouble))
        .onComplete(_ -> time.after(authority.isDue() ? AGAIN : LOOK_EVERY, this::begin));
  }

  void stop() {
    stopped = true;
  }

  /// Whether a node has not followed the newest change of the authority.
  boolean isBehind(NodeId node) {
    return AuthorityDocuments.behind(authority.state(), enrolment.nodes()).contains(node.value());
  }
}
