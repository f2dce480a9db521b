package dev.tutti.simulate;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeRole;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Reads fleets and machines from YAML; the format is in `docs/simulate.md`.
public final class FleetFile {
  /// The most machines of a fleet.
  public static final int MAX_NODES = 1_000;

  /// The fleets that come with the program.
  public static final List<String> FLEETS =
      List.of(
          "symphony-phase-1",
          "symphony-phase-2",
          "symphony-phase-3",
          "symphony-phase-4",
          "uniform-8");

  /// The machines that come with the program.
  public static final List<String> HARDWARE =
      List.of(
          "intel-imac",
          "m4-mini",
          "m4-mini-16gb",
          "m4-pro-mini",
          "m4-max-studio",
          "rtx-4090",
          "pi-5");

  private static final int MAX_SLOTS = 1_024;
  private static final double MIN_RATE = 0.001;
  private static final double MAX_RATE = 1e7;
  private static final double MAX_GB = 1e5;
  private static final double GB = 1e9;

  /// Memory of a machine that may hold models, where the file does not say: about what macOS lets
  /// the GPU use.
  private static final double MODEL_SHARE = 0.75;

  /// llama-server's own bound for prompts it keeps in memory is 8 GiB; smaller machines have less
  /// to give.
  private static final double MOST_CACHE_GB = 8;

  private static final double CACHE_SHARE = 0.25;

  /// Bytes of one token of Llama 3.1 8B in a cache of 16-bit numbers: 32 layers, 8 heads of 128,
  /// keys and values.
  private static final int CACHE_KB_PER_TOKEN = 128;

  /// What starting an engine's process for a model takes.
  private static final double LOAD_START_S = 0.5;

  private FleetFile() {}

  /// A fleet of ours by its name.
  public static FleetSpec shipped(String name) {
    if (!FLEETS.contains(name)) {
      throw new InputException("fleet: " + name + " (expected: a file, or one of " + FLEETS + ")");
    }
    return parse(name, resource("fleets/" + name + ".yaml"));
  }

  /// A machine of ours by its name, for a fleet that has models it may hold.
  public static NodeSpec shippedNode(String preset, FleetSpec fleet) {
    var map = preset("node", preset);
    return node(map, false, free(preset, fleet), fleet.models());
  }

  /// A machine from the text of a file of its own, for a fleet that has models it may hold.
  public static NodeSpec parseNode(String file, String text, FleetSpec fleet) {
    var map = YamlMap.parse(file, text);
    String name = free(map.text("name", "added"), fleet);
    return node(withPreset(map), true, name, fleet.models());
  }

  /// A fleet from the text of a file.
  public static FleetSpec parse(String file, String text) {
    var map = YamlMap.parse(file, text);
    var models = new TreeMap<ModelName, ModelSpec>();
    map.maps("models")
        .forEach((name, model) -> {
          ModelSpec spec = model(name, model);
          models.put(spec.name(), spec);
        });
    var nodes = new ArrayList<NodeSpec>();
    var names = new HashSet<String>();
    for (YamlMap node : map.list("nodes")) {
      String name = node.text("name", "");
      if (!names.add(name)) {
        throw new InputException(
            node.path("name") + ": " + name + " (expected: a name of its own)");
      }
      nodes.add(node(withPreset(node), true, name, models));
    }
    if (nodes.size() > MAX_NODES) {
      throw new InputException(
          file + ".nodes: " + nodes.size() + " (expected: <= " + MAX_NODES + ")");
    }
    String name = map.text("name", file);
    map.end();
    return new FleetSpec(name, models, nodes);
  }

  private static ModelSpec model(String name, YamlMap map) {
    var spec =
        new ModelSpec(
            new ModelName(name),
            gb(map.number("size_gb", 0.001, MAX_GB)),
            1_000 * map.whole("cache_kb_per_token", CACHE_KB_PER_TOKEN, 1, 1_000_000),
            map.text("parameters", ""));
    map.end();
    return spec;
  }

  private static YamlMap withPreset(YamlMap node) {
    String preset = node.text("preset", "");
    return preset.isEmpty() ? node : node.over(preset(node.path("preset"), preset));
  }

  private static YamlMap preset(String where, String preset) {
    if (!HARDWARE.contains(preset)) {
      throw new InputException(where + ": " + preset + " (expected: one of " + HARDWARE + ")");
    }
    return YamlMap.parse(preset, resource("hardware/" + preset + ".yaml"));
  }

  /// @param strict whether the machine's own words are about this fleet: a machine of ours knows
  ///   models that a fleet need not have
  private static NodeSpec node(
      YamlMap map, boolean strict, String name, Map<ModelName, ModelSpec> models) {
    map.text("name", "");
    map.text("preset", "");
    Tier tier = tier(map);
    double ram = map.number("ram_gb", 0.1, MAX_GB);
    double room = map.number("models_gb", ram * MODEL_SHARE, 0, MAX_GB);
    var rates = held(map, rates(map, strict && map.saysItself("rates"), models), room, models);
    var spec =
        new NodeSpec(
            id(map, name),
            role(map),
            hardware(map, ram, room),
            map.whole("slots", 1, 1, MAX_SLOTS),
            rates,
            sharing(map.map("sharing"), tier),
            loading(map.map("loading"), tier),
            cacheTokens(map, ram, rates.keySet(), models),
            power(map.map("watts")),
            map.number("price", 0, 0, 1e9));
    map.end();
    return spec;
  }

  private static Map<ModelName, Rates> rates(
      YamlMap map, boolean strict, Map<ModelName, ModelSpec> models) {
    var rates = new TreeMap<ModelName, Rates>();
    map.maps("rates")
        .forEach((model, figures) -> {
          var known = new ModelName(model);
          if (models.containsKey(known)) {
            rates.put(
                known,
                new Rates(
                    figures.number("prefill", MIN_RATE, MAX_RATE),
                    figures.number("decode", MIN_RATE, MAX_RATE)));
            figures.end();
          } else if (strict) {
            throw new InputException(
                map.path("rates") + ": " + model + " (expected: one of " + models.keySet() + ")");
          }
        });
    return rates;
  }

  /// The models it has: those it names, else all that it is fast enough for and has room for.
  private static Map<ModelName, Rates> held(
      YamlMap map, Map<ModelName, Rates> rates, double room, Map<ModelName, ModelSpec> models) {
    var held = new TreeMap<ModelName, Rates>();
    if (!map.has("models")) {
      rates.forEach((name, rate) -> {
        if (size(models, name) <= room * GB) {
          held.put(name, rate);
        }
      });
      return held;
    }
    for (String word : map.words("models")) {
      var name = new ModelName(word);
      Rates rate = rates.get(name);
      if (rate == null) {
        throw new InputException(
            map.path("models") + ": " + name + " (expected: one of " + rates.keySet() + ")");
      }
      if (size(models, name) > room * GB) {
        throw new InputException(
            map.path("models") + ": " + name + " (expected: <= " + room + " GB)");
      }
      held.put(name, rate);
    }
    return held;
  }

  private static long size(Map<ModelName, ModelSpec> models, ModelName name) {
    ModelSpec spec = models.get(name);
    return spec == null ? 0 : spec.size().value();
  }

  private static Map<ModelName, Long> cacheTokens(
      YamlMap map, double ram, Set<ModelName> held, Map<ModelName, ModelSpec> models) {
    int told = map.whole("cache_tokens", -1, 0, Integer.MAX_VALUE);
    double bytes = Math.min(MOST_CACHE_GB, ram * CACHE_SHARE) * GB;
    var tokens = new TreeMap<ModelName, Long>();
    for (ModelName name : held) {
      ModelSpec spec = models.get(name);
      if (spec != null) {
        tokens.put(name, told >= 0 ? told : (long) (bytes / spec.cacheBytesPerToken()));
      }
    }
    return tokens;
  }

  private static Tier tier(YamlMap map) {
    String word = map.text("tier", Tier.CPU.word);
    return Arrays.stream(Tier.values())
        .filter(tier -> tier.word.equals(word))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                map.path("tier")
                    + ": "
                    + word
                    + " (expected: one of "
                    + Arrays.stream(Tier.values()).map(tier -> tier.word).toList()
                    + ")"));
  }

  private static NodeId id(YamlMap map, String name) {
    try {
      return new NodeId(name);
    } catch (IllegalArgumentException wrong) {
      throw new InputException(map.path("name") + ": " + wrong.getMessage(), wrong);
    }
  }

  private static NodeRole role(YamlMap map) {
    String word = map.text("role", NodeRole.LLM_WORKER.wireName());
    return Arrays.stream(NodeRole.values())
        .filter(role -> role.wireName().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                map.path("role")
                    + ": "
                    + word
                    + " (expected: one of "
                    + Arrays.stream(NodeRole.values()).map(NodeRole::wireName).toList()
                    + ")"));
  }

  private static Hardware hardware(YamlMap map, double ram, double room) {
    double vram = map.number("vram_gb", -1, 0, MAX_GB);
    return new Hardware(
        map.text("cpu", ""),
        map.whole("cores", 0, 0, 100_000),
        map.text("architecture", ""),
        map.text("os", ""),
        gb(ram),
        gb(room),
        map.text("gpu", ""),
        vram < 0 ? Bytes.UNKNOWN : gb(vram));
  }

  private static Sharing sharing(YamlMap map, Tier tier) {
    var sharing =
        new Sharing(
            map.flag("independent"),
            map.number("batching", tier.batching, 0, 10),
            map.whole("batch_tokens", Sharing.BATCH_TOKENS, 1, 1_000_000));
    map.end();
    return sharing;
  }

  private static NodeSpec.Loading loading(YamlMap map, Tier tier) {
    var loading =
        new NodeSpec.Loading(
            map.number("gb_per_s", tier.gbPerSecond, 0.001, 1e6) * GB,
            Math.round(map.number("start_s", LOAD_START_S, 0, 3_600) * 1e9));
    map.end();
    return loading;
  }

  private static NodeSpec.Power power(YamlMap map) {
    double idle = map.number("idle", 0, 0, 1e6);
    var power = new NodeSpec.Power(idle, map.number("busy", idle, 0, 1e6));
    map.end();
    return power;
  }

  /// A name that no machine of the fleet has yet.
  private static String free(String wish, FleetSpec fleet) {
    var taken = new HashSet<String>();
    fleet.nodes().forEach(node -> taken.add(node.id().value()));
    String name = wish;
    for (int i = 2; taken.contains(name); i++) {
      name = wish + "-" + i;
    }
    return name;
  }

  private static Bytes gb(double gb) {
    return new Bytes(Math.round(gb * GB));
  }

  private static String resource(String name) {
    try (InputStream in = FleetFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource: " + name + " (expected: packed)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What kind of processor computes, with what holds for such where a file does not say.
  private enum Tier {
    CPU("cpu", 0.8, 1),
    APPLE("apple-silicon", 0.35, 2),
    GPU("gpu", 0.1, 2);

    private final String word;
    private final double batching;
    private final double gbPerSecond;

    Tier(String word, double batching, double gbPerSecond) {
      this.word = word;
      this.batching = batching;
      this.gbPerSecond = gbPerSecond;
    }
  }
}
