package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.testkit.PacedProcess;
import dev.tutti.testkit.TuttiProcess;
import dev.tutti.testkit.chaos.Lan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// `tutti doctor --scan-lan` from one machine of a LAN, as network namespaces: it finds the Ollama
/// that answers everybody, and asks nobody unless it is told to. Needs root on Linux; skipped
/// elsewhere.
class LanScanTest {
  private static final String OLLAMA_PORT = "11434";

  /// Addresses of a /28.
  private static final int ADDRESSES = 16;

  /// Packets for one address: looking for it, two connections, a request and their ends.
  private static final int PACKETS_PER_ADDRESS = 24;

  @Test
  void an_open_ollama_is_found_and_a_closed_one_is_not_and_without_the_flag_nobody_is_asked() {
    String missing = Lan.whyMissing().orElse("");
    assumeTrue(missing.isEmpty(), missing);
    try (var lan = Lan.open()) {
      Lan.Machine asking = lan.machine("asking");
      Lan.Machine open = lan.machine("open");
      Lan.Machine closed = lan.machine("closed");
      // What the kernel says by itself would count.
      asking.run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1");
      var doctor = TuttiProcess.Place.fresh().behind(asking.before().toArray(String[]::new));
      var keyed = TuttiProcess.Place.fresh().behind(closed.before().toArray(String[]::new));
      try (var _ =
              PacedProcess.start(
                  open.before(), "--kind", "ollama", "--host", "0.0.0.0", "--port", OLLAMA_PORT);
          var hub =
              TuttiProcess.start(keyed, "up", "--lan", "--no-discover", "--port", OLLAMA_PORT)) {
        hub.waitFor("ready");

        long before = asking.sent("lan");
        assertThat(found(doctor)).isEmpty();
        assertThat(asking.sent("lan"))
            .as("packets of a doctor that was told nothing")
            .isEqualTo(before);

        String network = open.address().replaceFirst("\\.\\d+$", ".0/28");
        assertThat(found(doctor, "--scan-lan", network))
            .singleElement()
            .asString()
            .contains(open.address() + ":" + OLLAMA_PORT);
        assertThat(asking.sent("lan") - before)
            .as("packets of a scan")
            .isBetween(1L, (long) ADDRESSES * PACKETS_PER_ADDRESS);
      }
    }
  }

  /// The causes of the doctor's findings about the LAN.
  private static List<String> found(TuttiProcess.Place place, String... words) {
    var command = new ArrayList<>(List.of("doctor", "--json"));
    command.addAll(List.of(words));
    TuttiProcess.Said said = TuttiProcess.run(place, command.toArray(String[]::new));
    assertThat(said.out()).as(said.toString()).isNotBlank();
    return JsonMapper.shared()
        .readTree(said.out())
        .path("findings")
        .valueStream()
        .filter(finding -> finding.path("id").asString("").equals("lan.open"))
        .map(finding -> finding.path("cause").asString(""))
        .toList();
  }
}
