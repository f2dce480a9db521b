package dev.tutti.bench.fuzz;

import dev.tutti.backends.BackendReaders;
import dev.tutti.discovery.DiscoveryReaders;
import dev.tutti.discovery.HubSuggestion;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Footprint;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import dev.tutti.store.StoreReaders;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.jmdns.ServiceInfo;
import javax.jmdns.impl.DNSIncoming;
import javax.jmdns.impl.DNSRecord;

/// What must hold for whatever engines and the LAN say of themselves.
final class Neighbours {
  private static final int MDNS_PORT = 5353;
  private static final Pattern AUTHORITY = Pattern.compile("([0-9.]+|\\[[0-9a-f:]+]):\\d{1,5}");

  private Neighbours() {}

  /// A packet of mDNS. Records that the library cannot take in are passed over by whoever uses it
  /// (`SturdyDns`); what is made of the others is ours.
  static void packet(byte[] input) {
    DNSIncoming packet;
    try {
      packet =
          new DNSIncoming(
              new DatagramPacket(
                  input.clone(),
                  input.length,
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), MDNS_PORT)));
    } catch (IOException _) {
      return;
    }
    packet.isValidResponseCode();
    packet.isQuery();
    for (DNSRecord answer : packet.getAllAnswers()) {
      ServiceInfo info;
      try {
        info = answer.getServiceInfo();
      } catch (RuntimeException _) {
        continue;
      }
      for (HubSuggestion hub : DiscoveryReaders.suggestions(info)) {
        Claim.that(AUTHORITY.matcher(hub.authority()).matches(), "to dial: " + hub.authority());
      }
    }
  }

  /// What an engine says of its models: bounded, printable, and the same after it was kept and told
  /// to a hub.
  static void engine(byte[] input) {
    for (List<ModelFacts> models : BackendReaders.models(input)) {
      Claim.that(models.size() <= BackendFacts.MAX_MODELS, models.size() + " models");
      models.forEach(Neighbours::model);
      var facts = new BackendFacts(BackendKind.OLLAMA, "1", 1, models, false);
      Optional<BackendFacts> kept = StoreReaders.kept(facts);
      Claim.that(kept.isPresent(), "kept and not understood");
      Claim.that(StoreReaders.kept(kept.get()).equals(kept), "kept as something else");
      var told = ReportCodec.read(ReportCodec.write(report(facts)));
      Claim.that(ReportCodec.read(ReportCodec.write(told)).equals(told), "told as something else");
      Claim.that(
          told.backends().getFirst().facts().models().size() == models.size(), "models are lost");
    }
  }

  private static NodeReport report(BackendFacts facts) {
    return new NodeReport(
        "host",
        NodeRole.LLM_WORKER,
        Hardware.UNKNOWN,
        List.of(
            new NodeReport.Backend(
                "engine", "http://127.0.0.1:1", facts, Health.UP, "", Set.of("a"))));
  }

  private static void model(ModelFacts model) {
    printable(model.digest());
    printable(model.modifiedAt());
    printable(model.loaded().expiresAt());
    model.capabilities().forEach(Neighbours::printable);
    model.details().values().forEach(Neighbours::printable);
    Claim.that(model.contextTokens() >= 0, "context " + model.contextTokens());
    Claim.that(Footprint.of(model, model.contextTokens(), 4).value() >= 0, "less than nothing");
  }

  private static void printable(String text) {
    Claim.that(text.chars().noneMatch(Character::isISOControl), "control characters");
    Claim.that(text.length() <= ReportCodec.MAX_TEXT_CHARS, text.length() + " characters");
  }
}
