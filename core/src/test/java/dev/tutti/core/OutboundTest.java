package dev.tutti.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, LOOPBACK",
    "127.255.255.254, LOOPBACK",
    "::1, LOOPBACK",
    "10.0.0.1, PRIVATE",
    "172.16.0.1, PRIVATE",
    "172.31.255.255, PRIVATE",
    "172.32.0.1, PUBLIC",
    "192.168.1.9, PRIVATE",
    "100.64.0.1, PRIVATE",
    "100.127.255.255, PRIVATE",
    "100.128.0.1, PUBLIC",
    "fd12:3456::1, PRIVATE",
    "169.254.1.1, LINK_LOCAL",
    "fe80::1, LINK_LOCAL",
    "fec0::1, LINK_LOCAL",
    "169.254.169.254, METADATA",
    "169.254.170.2, METADATA",
    "100.100.100.200, METADATA",
    "168.63.129.16, METADATA",
    "fd00:ec2::254, METADATA",
    "fd20:ce::254, METADATA",
    "0.0.0.0, NOBODY",
    "0.1.2.3, NOBODY",
    "::, NOBODY",
    "224.0.0.1, NOBODY",
    "239.255.255.250, NOBODY",
    "240.0.0.1, NOBODY",
    "255.255.255.255, NOBODY",
    "ff02::1, NOBODY",
    "192.0.2.1, NOBODY",
    "198.18.0.1, NOBODY",
    "2001:db8::1, NOBODY",
    "100::1, NOBODY",
    "8.8.8.8, PUBLIC",
    "2606:4700::1111, PUBLIC",
    // The same in disguise.
    "::ffff:169.254.169.254, METADATA",
    "::ffff:127.0.0.1, LOOPBACK",
    "::ffff:0:169.254.169.254, METADATA",
    "::169.254.169.254, METADATA",
    "::10.0.0.1, PRIVATE",
    "64:ff9b::a9fe:a9fe, METADATA",
    "64:ff9b::7f00:1, LOOPBACK",
    "64:ff9b:1::a9fe:a9fe, METADATA",
    "2002:a9fe:a9fe::1, METADATA",
    "2002:7f00:1::, LOOPBACK",
    "2001:0:1:2:3:4:5601:5601, METADATA",
  })
  void an_address_is_of_one_sort_in_every_form(String address, Address.Sort sort) {
    assertThat(Address.sort(InetAddress.ofLiteral(address))).isEqualTo(sort);
    assertThat(Address.literal(address).map(Address::sort)).hasValue(sort);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "2130706433",
        "127.1",
        "127.0.1",
        "017700000001",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "169.254.43518",
        "0xa9.0xfe.0xa9.0xfe",
        "127.0.0.1.",
        "0xA9FEA9FE",
        "1:2",
        "::g",
        "[::1",
        "12.34.56.078"
      })
  void numbers_that_are_read_in_more_than_one_way_are_nobodys_address(String host) {
    if (host.endsWith(".")) {
      assertThat(Outbound.WORLD.objectionTo(host)).isPresent();
    } else {
      assertThat(Outbound.ENGINE.objectionTo(host)).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob",
        "bob.local",
        "localhost",
        "192.168.1.5",
        "127.0.0.1",
        "::1",
        "api.example.org",
        "gpu-1",
        "10.0.0.1.nip.io",
        "xn--bcher-kva.example",
        "8.8.8.8",
        "fd00::1"
      })
  void an_engine_may_be_at_home_or_in_the_world(String host) {
    assertThat(Outbound.ENGINE.objectionTo(host)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST",
        "foo.localhost",
        "bob",
        "bob.local",
        "printer.lan",
        "nas.home.arpa",
        "metadata.google.internal",
        "metadata.google.internal.",
        "x.internal",
        "127.0.0.1",
        "[::1]",
        "192.168.1.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:10.0.0.1]",
        "0.0.0.0",
        "metadata"
      })
  void a_client_leads_nobody_home(String host) {
    assertThat(Outbound.WORLD.objectionTo(host)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7, true",
    "192.168.1.2, true",
    "8.8.8.8, false",
    "169.254.169.254, false",
    "224.0.0.251, false",
    "0.0.0.0, false"
  })
  void a_neighbour_is_on_a_private_network(String address, boolean allowed) {
    assertThat(Outbound.NEIGHBOUR.objectionTo(InetAddress.ofLiteral(address)).isEmpty())
        .isEqualTo(allowed);
  }

  @Test
  void a_secret_is_not_printed() {
    var secret = Secret.of("hunter2");
    assertThat(secret).hasToString("***").isEqualTo(Secret.of("hunter2"));
    assertThat(String.valueOf(java.util.List.of(secret))).doesNotContain("hunter2");
    assertThat(secret).isNotEqualTo(Secret.of("hunter3"));
    assertThat(secret.hashCode()).isEqualTo(Secret.of("other").hashCode());
    assertThat(secret.reveal()).isEqualTo("hunter2");
    assertThat(Secret.of("").isEmpty()).isTrue();
  }
}
