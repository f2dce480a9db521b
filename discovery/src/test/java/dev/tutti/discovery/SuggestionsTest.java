package dev.tutti.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuggestionsTest {
  private static final HubNotice NOTICE = new HubNotice("bob", "0.1.0", 8766, "/");

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException failed) {
      throw new AssertionError(failed);
    }
  }

  private static Optional<HubNotice> read(Map<String, String> values, int port) {
    return HubNotice.read(
        name -> values.getOrDefault(name, "").getBytes(StandardCharsets.UTF_8), port);
  }

  private static Map<String, String> with(String key, String value) {
    var values = new HashMap<>(NOTICE.values());
    values.put(key, value);
    return values;
  }

  @Test
  void a_notice_is_read_as_it_was_written() {
    assertThat(read(NOTICE.values(), 8766)).contains(NOTICE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\nb", "<b>", "-a", "\u001b[31m", "ä", "a/b"})
  void an_id_of_another_shape_is_not_heard(String id) {
    assertThat(read(with("id", id), 8766)).isEmpty();
  }

  @Test
  void values_that_are_too_long_or_missing_are_not_heard() {
    assertThat(read(with("id", "a".repeat(64)), 8766)).isEmpty();
    assertThat(read(with("id", "a".repeat(60_000)), 8766)).isEmpty();
    assertThat(read(with("v", "1".repeat(33)), 8766)).isEmpty();
    assertThat(read(with("path", "x"), 8766)).isEmpty();
    assertThat(read(with("path", "//evil.example/?x"), 8766)).isEmpty();
    assertThat(read(Map.of(), 8766)).isEmpty();
    assertThat(read(NOTICE.values(), 0)).isEmpty();
    assertThat(read(NOTICE.values(), 65_536)).isEmpty();
  }

  @Test
  void a_hub_cannot_announce_what_would_not_be_heard() {
    assertThatThrownBy(() -> new HubNotice("a b", "1", 1, "/"))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("hubId");
    assertThatThrownBy(() -> new HubNotice("a", "1", 0, "/")).hasMessageContaining("port: 0");
  }

  @ParameterizedTest
  @CsvSource({
    "192.168.1.5, true",
    "10.0.0.1, true",
    "172.16.0.1, true",
    "172.32.0.1, false",
    "100.64.0.1, true",
    "100.127.255.1, true",
    "100.128.0.1, false",
    "8.8.8.8, false",
    "127.0.0.1, false",
    "169.254.1.1, false",
    "224.0.0.251, false",
    "0.0.0.0, false",
    "fd00::1, true",
    "fe80::1, false",
    "::1, false",
    "2001:db8::1, false"
  })
  void only_addresses_of_private_networks_are_suggested(String address, boolean suggested) {
    assertThat(LanInterfaces.isPrivate(ip(address))).isEqualTo(suggested);
  }

  @Test
  void one_notice_gives_few_suggestions() {
    var many = new ArrayList<InetAddress>();
    for (int i = 1; i <= 200; i++) {
      many.add(ip("10.0.0." + i));
    }
    assertThat(MdnsSearch.suggestions(NOTICE, many)).hasSize(MdnsSearch.MAX_ADDRESSES_PER_HUB);
    assertThat(MdnsSearch.suggestions(NOTICE, List.of(ip("8.8.8.8")))).isEmpty();
  }

  @Test
  void a_suggestion_can_be_dialled() {
    assertThat(new HubSuggestion(NOTICE, ip("10.0.0.1")).authority()).isEqualTo("10.0.0.1:8766");
    assertThat(new HubSuggestion(NOTICE, ip("fd00::1")).authority())
        .isEqualTo("[fd00:0:0:0:0:0:0:1]:8766");
  }

  @Test
  void interfaces_without_other_machines_are_left_out() {
    assertThat(List.of("docker0", "br-77", "utun2", "awdl0", "llw0", "virbr0", "veth1", "wg0"))
        .allMatch(LanInterfaces::isExcluded);
    assertThat(List.of("eth0", "en0", "enp2s0", "wlan0", "lan0"))
        .noneMatch(LanInterfaces::isExcluded);
  }

  @Test
  void an_interface_is_known_by_its_best_address() {
    assertThat(LanInterfaces.best(List.of(ip("fe80::1"), ip("fd00::1"), ip("192.168.1.2"))))
        .contains(ip("192.168.1.2"));
    assertThat(LanInterfaces.best(List.of(ip("fe80::1"), ip("fd00::1")))).contains(ip("fd00::1"));
    assertThat(LanInterfaces.best(List.of(ip("fe80::1"), ip("169.254.3.4")))).isEmpty();
  }

  @Test
  void own_ports_are_not_looked_at() {
    assertThat(LocalEngines.PORTS).containsExactly(11434, 8080, 9931, 8000, 1234);
    assertThat(LocalEngines.portsWithout(Set.of(8000, 8765)))
        .containsExactly(11434, 8080, 9931, 1234);
  }
}
