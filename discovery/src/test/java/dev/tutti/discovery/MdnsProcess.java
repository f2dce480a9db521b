package dev.tutti.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/// The other end of the test in namespaces, as a process: `advert IP`, `search IP` or `shout IP`.
/// Says on standard output what it hears and ends properly when its standard input does.
final class MdnsProcess {
  private MdnsProcess() {}

  static void main(String[] arguments) throws IOException {
    var addresses = List.of(InetAddress.getByName(arguments[1]));
    AutoCloseable ours =
        switch (arguments[0]) {
          case "advert" ->
              MdnsAdvert.start(new HubNotice("bob", "0.1.0", 8766, "/nodes"), addresses);
          case "search" -> MdnsSearch.start(addresses, new Printer());
          case "shout" -> HostilePackets.shout(addresses.getFirst());
          default -> throw new IllegalArgumentException("role: " + arguments[0]);
        };
    System.out.println("started");
    while (System.in.read() >= 0) {
      // Until the test closes it.
    }
    try {
      ours.close();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static final class Printer implements MdnsSearch.Listener {
    @Override
    public void found(HubSuggestion suggestion) {
      System.out.println("found " + suggestion.notice() + " at " + suggestion.authority());
    }

    @Override
    public void vanished(HubSuggestion suggestion) {
      System.out.println("vanished " + suggestion.authority());
    }
  }
}
