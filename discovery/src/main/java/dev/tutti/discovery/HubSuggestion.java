package dev.tutti.discovery;

import java.net.InetAddress;

/// A hub that somebody in the LAN claims to be, at an address of the LAN. Nothing about it is
/// proven.
///
/// @param notice what it says
/// @param address where it says it is: always a private address
public record HubSuggestion(HubNotice notice, InetAddress address) {
  /// Host and port to dial.
  public String authority() {
    String host = address.getHostAddress();
    int scope = host.indexOf('%');
    String plain = scope < 0 ? host : host.substring(0, scope);
    return (plain.indexOf(':') >= 0 ? "[" + plain + "]" : plain) + ":" + notice.port();
  }
}
