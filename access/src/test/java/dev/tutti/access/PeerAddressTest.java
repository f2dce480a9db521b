package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "127.9.9.9, true",
    "10.1.2.3, true",
    "172.16.0.1, true",
    "172.31.255.255, true",
    "172.32.0.1, false",
    "172.15.0.1, false",
    "192.168.1.1, true",
    "192.169.1.1, false",
    "169.254.1.1, true",
    "100.64.0.1, true",
    "100.127.255.255, true",
    "100.128.0.1, false",
    "8.8.8.8, false",
    "203.0.113.9, false",
    "0.0.0.0, false",
    "::1, true",
    "fe80::1%eth0, true",
    "fd00::1, true",
    "fc00::1, true",
    "fec0::1, false",
    "2001:db8::1, false",
    "::ffff:192.168.1.1, true",
    "::ffff:8.8.8.8, false",
    "::, false",
  })
  void private_networks_are_known(String text, boolean isPrivate) {
    assertThat(PeerAddress.of(text).orElseThrow().isPrivate()).isEqualTo(isPrivate);
  }

  @Test
  void one_address_is_written_in_one_way() {
    assertThat(PeerAddress.of("::ffff:192.168.1.1")).isEqualTo(PeerAddress.of("192.168.1.1"));
    assertThat(PeerAddress.of("FE80::1%eth0")).isEqualTo(PeerAddress.of("fe80:0::0:1"));
  }

  @Test
  void a_name_is_no_address() {
    assertThat(PeerAddress.of("localhost")).isEmpty();
    assertThat(PeerAddress.of("example.com")).isEmpty();
    assertThat(PeerAddress.of("999.1.1.1")).isEmpty();
    assertThat(PeerAddress.of("")).isEmpty();
  }
}
