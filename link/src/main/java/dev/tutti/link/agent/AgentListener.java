package dev.tutti.link.agent;

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
}
