package dev.tutti.app;

import dev.tutti.core.Outbound;
import dev.tutti.discovery.HubSuggestion;
import dev.tutti.discovery.LanInterfaces;
import dev.tutti.discovery.MdnsSearch;
import dev.tutti.link.agent.HubAddress;
import java.net.Inet4Address;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Looks for a hub on the network. What answers is only a suggestion: the agent shows it nothing
/// but its name until a human there has said yes.
final class HubSearch {
  private HubSearch() {}

  /// Waits for the first hub that announces itself. Blocks without limit, since a machine may be
  /// switched on long before its hub.
  static HubAddress first() {
    var found = new CompletableFuture<HubSuggestion>();
    try (var _ = MdnsSearch.start(LanInterfaces.addresses(), new First(found))) {
      HubSuggestion hub = found.get();
      return new HubAddress(hub.address().getHostAddress(), hub.notice().port());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the search failed", e);
    }
  }

  /// The first hub under an address of the older protocol, which needs no scope, and of a private
  /// network: whoever points elsewhere is no neighbour.
  private record First(CompletableFuture<HubSuggestion> found) implements MdnsSearch.Listener {
    @Override
    public void found(HubSuggestion suggestion) {
      if (suggestion.address() instanceof Inet4Address
          && Outbound.NEIGHBOUR.objectionTo(suggestion.address()).isEmpty()) {
        found.complete(suggestion);
      }
    }

    @Override
    public void vanished(HubSuggestion suggestion) {
      // whoever follows a suggestion is ready to find nobody
    }
  }
}
