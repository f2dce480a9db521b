package dev.tutti.link.hub;

import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Carries exchanges to one backend of one node, each through a slot's stream of its own. Owner
/// loop.
final class TunnelTransport implements Transport {
  private final Roster roster;
  private final Executor owner;
  private final NodeId node;
  private final String backend;

  TunnelTransport(Roster roster, Executor owner, NodeId node, String backend) {
    this.roster = roster;
    this.owner = owner;
    this.node = node;
    this.backend = backend;
  }

  @Override
  public Exchange send(Request request, Listener listener) {
    @Nullable SlotSession slot = roster.take(node, backend);
    var exchange = new TunnelExchange(listener, owner, slot, () -> roster.signOfLife(node));
    if (slot == null) {
      exchange.breakLater(
          Failure.of(
              FailureCode.ENGINE_BUSY,
              Retry.SAFE_NOT_STARTED,
              "no free slot of " + backend + " on " + node));
    } else {
      slot.begin(exchange, request);
    }
    return exchange;
  }
}
