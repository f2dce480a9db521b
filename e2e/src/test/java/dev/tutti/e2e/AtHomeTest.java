package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.testkit.TuttiProcess;
import dev.tutti.testkit.chaos.Lan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What stays at home: connections, prompts and keys.
class AtHomeTest {
  private static final String PROMPT = "CANARYPROMPT4711";
  private static final String KEY = "CANARYKEY4711";
  private static final String MODEL = "sim/llama3.2:3b";

  /// The way to the world is a cable to nowhere: whoever asks for anything outside of the LAN, a
  /// name server among them, is heard there.
  @Test
  void a_hub_at_work_sends_nothing_out_of_the_network() {
    String missing = Lan.whyMissing().orElse("");
    assumeTrue(missing.isEmpty(), missing);
    try (var lan = Lan.open()) {
      Lan.Machine machine = lan.machine("home");
      machine.run("ip", "link", "add", "world", "type", "veth", "peer", "name", "nowhere");
      machine.run("sysctl", "-q", "-w", "net.ipv6.conf.world.disable_ipv6=1");
      machine.run("ip", "link", "set", "nowhere", "up");
      machine.run("ip", "link", "set", "world", "up");
      machine.run("ip", "address", "add", "198.51.100.2/24", "dev", "world");
      machine.run("ip", "route", "add", "default", "dev", "world");
      long before = machine.sent("world");

      TuttiProcess.Place place = quiet(machine.before());
      try (var hub = TuttiProcess.hub(place, "--demo")) {
        for (int i = 0; i < 5; i++) {
          var said = TuttiProcess.run(place, "run", MODEL, "Hello", "--url", hub.url());
          assertThat(said.code()).as(said.toString()).isZero();
        }
        for (String command : List.of("status", "doctor", "discover", "queue")) {
          TuttiProcess.run(place, command, "--url", hub.url());
        }
        assertThat(machine.sent("world")).as("packets out of the LAN").isEqualTo(before);
      }

      // The trap would have noticed: one datagram to anywhere is one packet.
      machine.run("bash", "-c", "echo x > /dev/udp/203.0.113.9/53 || true");
      assertThat(machine.sent("world")).as("the trap").isGreaterThan(before);
    }
  }

  /// A program that is given no text on its standard input.
  private static TuttiProcess.Place quiet(List<String> before) {
    var words = new ArrayList<>(before);
    words.addAll(List.of("sh", "-c", "exec \"$@\" </dev/null", "sh"));
    return TuttiProcess.Place.fresh().behind(words.toArray(String[]::new));
  }

  @Test
  void no_prompt_and_no_key_is_in_a_log_or_a_file() throws IOException {
    TuttiProcess.Place place = quiet(List.of());
    var hub = TuttiProcess.hub(place, "--demo", "--no-discover");
    try (hub) {
      String talk = "\"messages\":[{\"role\":\"user\",\"content\":\"" + PROMPT + "\"}]}";
      for (String model : List.of(MODEL, "sim/never", PROMPT + "/x")) {
        for (String path : List.of("/v1/chat/completions", "/api/chat", "/v1/messages")) {
          Http.post(hub.url() + path, "{\"model\":\"" + model + "\",\"max_tokens\":3," + talk);
        }
      }
      Http.post(hub.url() + "/v1/chat/completions", "{\"model\":\"" + PROMPT + "\", broken");
      Http.post(hub.url() + "/mesh/v1/backends", "{\"url\":\"http://u:" + KEY + "@127.0.0.1:9\"}");
      TuttiProcess.run(place, "run", MODEL, PROMPT, "--key", KEY, "--url", hub.url());
      Http.post(hub.url() + "/mesh/v1/nodes/bob/drain", "{\"key\":\"" + KEY + "\"}");
    }
    assertThat(hub.log()).doesNotContain(PROMPT).doesNotContain(KEY);
    assertThat(String.join("\n", hub.output())).doesNotContain(PROMPT).doesNotContain(KEY);
    try (Stream<Path> files = Files.walk(place.home())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text.contains(KEY)).as("a key in " + file).isFalse();
        assertThat(text.contains("content\":\"" + PROMPT)).as("a prompt in " + file).isFalse();
      }
    }
    hub.forget();
  }
}
