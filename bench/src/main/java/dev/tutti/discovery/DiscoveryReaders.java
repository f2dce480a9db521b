package dev.tutti.discovery;

import java.util.List;
import javax.jmdns.ServiceInfo;

/// What is heard in the LAN.
public final class DiscoveryReaders {
  private DiscoveryReaders() {}

  /// The hubs that an announcement suggests.
  public static List<HubSuggestion> suggestions(ServiceInfo info) {
    return MdnsSearch.suggestions(info);
  }

  /// The announcement of a hub.
  public static ServiceInfo announcement(HubNotice notice) {
    return ServiceInfo.create(HubNotice.TYPE, notice.hubId(), notice.port(), 0, 0, notice.values());
  }
}
