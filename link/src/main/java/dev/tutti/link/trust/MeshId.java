package dev.tutti.link.trust;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who a certificate is for, as a SPIFFE id: `spiffe://MESH/node/UUID` or `spiffe://MESH/hub/ID`
/// (github.com/spiffe/spiffe, SPIFFE-ID). The name that people give a node is not in it: it can
/// change hands, a UUID does not.
public sealed interface MeshId {
  /// A machine with an agent.
  record Node(String mesh, UUID uuid) implements MeshId {
    @Override
    public String uri() {
      return "spiffe://" + mesh + "/node/" + uuid;
    }
  }

  /// A hub.
  record Hub(String mesh, String hub) implements MeshId {
    @Override
    public String uri() {
      return "spiffe://" + mesh + "/hub/" + hub;
    }
  }

  /// The id's text.
  String uri();

  /// Which mesh it belongs to.
  String mesh();

  /// Reads such a text; empty when it is none.
  static Optional<MeshId> parse(String uri) {
    Matcher parts = Form.ID.matcher(uri);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String mesh = parts.group(1);
    String name = parts.group(3);
    if (parts.group(2).equals("hub")) {
      return Optional.of(new Hub(mesh, name));
    }
    return Form.UUID_FORM.matcher(name).matches()
        ? Optional.of(new Node(mesh, UUID.fromString(name)))
        : Optional.empty();
  }

  /// Who a certificate is for: its only alternative name.
  static Optional<MeshId> of(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null || names.size() != 1) {
        return Optional.empty();
      }
      List<?> name = names.iterator().next();
      return Form.URI.equals(name.getFirst()) && name.getLast() instanceof String uri
          ? parse(uri)
          : Optional.empty();
    } catch (CertificateParsingException _) {
      return Optional.empty();
    }
  }

  /// What the texts look like.
  final class Form {
    /// An alternative name that is a URI (RFC 5280 §4.2.1.6).
    private static final Integer URI = 6;

    private static final Pattern ID =
        Pattern.compile("spiffe://([a-z0-9.-]{1,64})/(node|hub)/([a-z0-9._-]{1,64})");
    private static final Pattern UUID_FORM =
        Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private Form() {}
  }
}
