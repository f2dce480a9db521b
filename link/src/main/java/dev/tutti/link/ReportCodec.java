package dev.tutti.link;

import dev.tutti.core.Bytes;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import dev.tutti.wire.node.Backend;
import dev.tutti.wire.node.Model;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reports as messages and back.
///
/// Reading trusts nothing: texts are cut, control characters become spaces, lists are bounded, and
/// what cannot be right refuses the whole report.
public final class ReportCodec {
  /// Characters of a host name, a version, a digest and the like.
  public static final int MAX_TEXT_CHARS = 256;

  /// Capabilities of a model, details of a model, address keys of a backend.
  public static final int MAX_LIST = 64;

  /// A report in a message that has room for a greeting too.
  private static final int MAX_REPORT_BYTES = LinkLimits.MAX_MESSAGE_BYTES - 16 * 1024;

  private ReportCodec() {}

  /// A report as a message.
  public static dev.tutti.wire.node.NodeReport write(NodeReport report) {
    Hardware hardware = report.hardware();
    var message =
        dev.tutti.wire.node.NodeReport.newBuilder()
            .setHost(report.host())
            .setRole(report.role().wireName())
            .setHardware(
                dev.tutti.wire.node.Hardware.newBuilder()
                    .setCpu(hardware.cpu())
                    .setCores(hardware.cores())
                    .setArchitecture(hardware.architecture())
                    .setOs(hardware.os())
                    .setRamTotalBytes(hardware.ramTotal().value())
                    .setRamFreeBytes(hardware.ramFree().value())
                    .setGpu(hardware.gpu())
                    .setVramBytes(hardware.vram().value()));
    for (NodeReport.Backend backend : report.backends()) {
      message.addBackends(write(backend));
    }
    return message.build();
  }

  /// The same, with fewer models where all of them would not fit into one message: those in memory
  /// are kept before the others.
  public static dev.tutti.wire.node.NodeReport writeFitting(NodeReport report) {
    dev.tutti.wire.node.NodeReport whole = write(report);
    dev.tutti.wire.node.NodeReport fitting = whole;
    int models = BackendFacts.MAX_MODELS;
    while (fitting.getSerializedSize() > MAX_REPORT_BYTES && models > 0) {
      models /= 2;
      fitting = withModels(whole, models);
    }
    return fitting;
  }

  private static dev.tutti.wire.node.NodeReport withModels(
      dev.tutti.wire.node.NodeReport whole, int models) {
    var fewer = whole.toBuilder().clearBackends();
    for (Backend backend : whole.getBackendsList()) {
      List<Model> kept =
          backend.getModelsList().stream()
              .sorted(Comparator.comparing(Model::getLoaded).reversed())
              .limit(models)
              .toList();
      fewer.addBackends(backend.toBuilder().clearModels().addAllModels(kept));
    }
    return fewer.build();
  }

  private static Backend write(NodeReport.Backend backend) {
    BackendFacts facts = backend.facts();
    var message =
        Backend.newBuilder()
            .setName(backend.name())
            .setUrl(backend.url())
            .setKind(facts.kind().wireName())
            .setVersion(facts.version())
            .setSlots(facts.slots())
            .setUp(backend.health() == Health.UP || backend.health() == Health.SUSPECT)
            .setSuspect(backend.health() == Health.SUSPECT)
            .setBusy(backend.health() == Health.BUSY)
            .setTrouble(backend.trouble())
            .setSimulated(facts.simulated())
            .addAllAddressKeys(backend.addressKeys());
    for (ModelFacts model : facts.models()) {
      message.addModels(write(model));
    }
    return message.build();
  }

  private static Model write(ModelFacts model) {
    ModelFacts.Loaded loaded = model.loaded();
    return Model.newBuilder()
        .setName(model.name().value())
        .setType(model.type().wireName())
        .setSizeBytes(model.size().value())
        .setDigest(model.digest())
        .setContextTokens(model.contextTokens())
        .addAllCapabilities(model.capabilities())
        .putAllDetails(model.details())
        .setModifiedAt(model.modifiedAt())
        .setLoaded(loaded.resident())
        .setLoadedBytes(loaded.bytes().value())
        .setLoadedVramBytes(loaded.vramBytes().value())
        .setLoadedContextTokens(loaded.contextTokens())
        .setExpiresAt(loaded.expiresAt())
        .build();
  }

  /// A message as a report. Throws {@link MeshException} when it cannot be one.
  public static NodeReport read(dev.tutti.wire.node.NodeReport message) {
    try {
      dev.tutti.wire.node.Hardware hardware = message.getHardware();
      return new NodeReport(
          text(message.getHost()),
          role(message.getRole()),
          new Hardware(
              text(hardware.getCpu()),
              count(hardware.getCores()),
              text(hardware.getArchitecture()),
              text(hardware.getOs()),
              bytes(hardware.getRamTotalBytes()),
              bytes(hardware.getRamFreeBytes()),
              text(hardware.getGpu()),
              bytes(hardware.getVramBytes())),
          message.getBackendsList().stream().map(ReportCodec::read).toList());
    } catch (IllegalArgumentException wrong) {
      throw MeshException.invalid("report refused: " + wrong.getMessage());
    }
  }

  private static NodeReport.Backend read(Backend message) {
    Health well = message.getSuspect() ? Health.SUSPECT : Health.UP;
    Health health = message.getUp() ? well : message.getBusy() ? Health.BUSY : Health.DOWN;
    var facts =
        new BackendFacts(
            kind(message.getKind()),
            text(message.getVersion()),
            Math.min(count(message.getSlots()), LinkLimits.MAX_SLOTS_PER_NODE),
            message.getModelsList().stream().map(ReportCodec::read).toList(),
            message.getSimulated());
    return new NodeReport.Backend(
        message.getName(),
        text(message.getUrl()),
        facts,
        health,
        text(message.getTrouble()),
        Set.copyOf(new HashSet<>(texts(message.getAddressKeysList()))));
  }

  private static ModelFacts read(Model message) {
    Map<String, String> details = new HashMap<>();
    message.getDetailsMap().entrySet().stream()
        .limit(MAX_LIST)
        .forEach(entry -> details.put(text(entry.getKey()), text(entry.getValue())));
    return new ModelFacts(
        new ModelName(message.getName()),
        type(message.getType()),
        bytes(message.getSizeBytes()),
        text(message.getDigest()),
        count(message.getContextTokens()),
        new ModelFacts.Loaded(
            message.getLoaded(),
            bytes(message.getLoadedBytes()),
            bytes(message.getLoadedVramBytes()),
            count(message.getLoadedContextTokens()),
            text(message.getExpiresAt())),
        texts(message.getCapabilitiesList()),
        details,
        text(message.getModifiedAt()));
  }

  /// A stranger's text, fit for tables and logs: cut, without control characters.
  public static String text(String raw) {
    return text(raw, MAX_TEXT_CHARS);
  }

  /// The same with a bound of its own.
  public static String text(String raw, int maxChars) {
    String cut = raw.length() <= maxChars ? raw : raw.substring(0, maxChars);
    if (cut.chars().noneMatch(Character::isISOControl)) {
      return cut;
    }
    var clean = new StringBuilder(cut.length());
    cut.chars().forEach(c -> clean.append(Character.isISOControl(c) ? ' ' : (char) c));
    return clean.toString();
  }

  private static List<String> texts(List<String> raw) {
    return raw.stream().limit(MAX_LIST).map(ReportCodec::text).toList();
  }

  private static Bytes bytes(long value) {
    return value < 0 ? Bytes.UNKNOWN : new Bytes(value);
  }

  /// A number without a sign on the wire: beyond the range of `int` it is nonsense, so unknown.
  private static int count(int unsigned) {
    return Math.max(0, unsigned);
  }

  private static NodeRole role(String name) {
    for (NodeRole role : NodeRole.values()) {
      if (role.wireName().equals(name)) {
        return role;
      }
    }
    return NodeRole.LLM_WORKER;
  }

  /// A kind that this version does not know still speaks the common dialect.
  private static BackendKind kind(String name) {
    for (BackendKind kind : BackendKind.values()) {
      if (kind.wireName().equals(name)) {
        return kind;
      }
    }
    return BackendKind.OPENAI;
  }

  private static ModelType type(String name) {
    for (ModelType type : ModelType.values()) {
      if (type.wireName().equals(name)) {
        return type;
      }
    }
    return ModelType.TEXT;
  }
}
