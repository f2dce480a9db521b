package dev.tutti.link.agent;

import io.vertx.core.Future;

/// Hears how an agent stands with its hub. Owner loop.
public interface AgentListener {
  /// The hub knows us and answers.
  void connected();

  /// The hub is out of reach; the link keeps trying.
  void disconnected(String why);

  /// The hub does not let us in; the link keeps trying, slowly: its owner may yet change that.
  void refused(String why);

  /// The hub's owner removed this node: the link has ended and does not come back.
  void removed();

  /// The hub gave a new badge in place of the old one.
  ///
  /// @return completes when it is kept: it is used from then on. A failure is said, and it is used
  ///   all the same
  Future<?> renewed(Badge badge);
}
