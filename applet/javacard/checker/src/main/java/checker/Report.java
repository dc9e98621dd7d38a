package checker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What was found in a program, and what it takes of a card. */
public final class Report {
    /**
     * What one feature takes, in bytes.
     *
     * @param name as the settings name it; "other" is all that they don't name
     * @param code an estimate
     * @param persistent of arrays and fields
     * @param transients of arrays and keys in RAM
     * @param estimated more persistent bytes: the platform's objects, headers
     */
    public record Feature(String name, int code, int persistent, int transients, int estimated) {
    }

    /**
     * A budget and what is used of it.
     *
     * @param what "code", "transient" or "persistent"
     * @param used bytes
     * @param budget bytes; 2^31 - 1 if there is none
     * @param isEstimate whether it is an estimate, in part or as a whole
     */
    public record Use(String what, int used, int budget, boolean isEstimate) {
        /** Says whether more is used than there is. */
        public boolean isOver() {
            return used > budget;
        }
    }

    private final List<Finding> findings = new ArrayList<>();
    private final List<Feature> features = new ArrayList<>();
    private final List<Use> uses = new ArrayList<>();
    private final List<String> lost;
    private final DepthRule.Chain commands;
    private final DepthRule.Chain installation;

    Report(Program program, Settings settings, List<Finding> found) {
        findings.addAll(found);
        commands = DepthRule.commands(program);
        installation = DepthRule.installation(program);
        Memory memory = Memory.of(program, settings);
        lost = memory.lost;
        if (memory.stopped != null) {
            findings.add(new Finding("install", String.join(", ", settings.applets()), "", 0,
                memory.stopped));
        }
        divide(program, settings, memory);
        int code = features.stream().mapToInt(Feature::code).sum();
        Memory.Place all = memory.sum();
        use("code", code, settings, true);
        use("transient", all.transients(), settings, false);
        use("persistent", all.allPersistent(), settings, true);
    }

    private void use(String what, int used, Settings settings, boolean isEstimate) {
        Use use = new Use(what, used, settings.budgets().get(what), isEstimate);
        uses.add(use);
        if (use.isOver()) {
            findings.add(new Finding("budget", "", "", 0, what + ": " + used + " bytes of "
                + use.budget + (isEstimate ? ", an estimate" : "")));
        }
    }

    /** Gives each class and each field to one feature; a field that is named to its own. */
    private void divide(Program program, Settings settings, Memory memory) {
        Map<String, String> named = new LinkedHashMap<>();
        settings.features().forEach((feature, names) ->
            names.forEach(name -> named.put(name, feature)));
        Map<String, Integer> code = CodeSize.byClass(program);
        List<String> order = new ArrayList<>(settings.features().keySet());
        order.add("other");
        for (String feature : order) {
            int bytes = feature.equals("other") ? CodeSize.constantPool(program) : 0;
            for (Map.Entry<String, Integer> type : code.entrySet()) {
                String simple = type.getKey().substring(type.getKey().lastIndexOf('/') + 1);
                bytes += named.getOrDefault(simple, "other").equals(feature) ? type.getValue() : 0;
            }
            TreeSet<String> fields = new TreeSet<>();
            for (String field : memory.places.keySet()) {
                String type = field.split("\\.")[0];
                String owner = named.getOrDefault(field, named.getOrDefault(type, "other"));
                if (owner.equals(feature)) {
                    fields.add(field);
                }
            }
            Memory.Place place = memory.sum(fields);
            features.add(new Feature(feature, bytes, place.persistent(), place.transients(),
                place.estimated()));
        }
    }

    /** Returns what a card refuses, and budgets that don't hold. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** Returns what each feature takes. */
    public List<Feature> features() {
        return List.copyOf(features);
    }

    /** Returns code, transient and persistent memory. */
    public List<Use> uses() {
        return List.copyOf(uses);
    }

    /** Returns what is made at installation and not held: lost on a card without a collector. */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    /** Returns the report as lines of text. */
    public String text() {
        StringBuilder out = new StringBuilder();
        findings.forEach(finding -> out.append(finding).append('\n'));
        out.append(findings.isEmpty() ? "nothing that a card refuses\n\n" : "\n");
        out.append(row("bytes", "code", "persistent", "transient", "platform"));
        for (Feature f : features) {
            out.append(row(f.name, "~" + f.code, "" + f.persistent, "" + f.transients,
                "~" + f.estimated));
        }
        out.append('\n').append(String.format("%-16s%12s%12s%12s%n", "budget", "used", "of",
            "left"));
        for (Use use : uses) {
            boolean hasBudget = use.budget != Integer.MAX_VALUE;
            out.append(String.format("%-16s%12s%12s%12s%n", use.what,
                (use.isEstimate ? "~" : "") + use.used, hasBudget ? use.budget : "-",
                hasBudget ? use.budget - use.used : "-"));
        }
        out.append("\ndeepest chain of calls of a command, ~").append(commands.bytes())
            .append(" bytes of stack:\n  ").append(String.join("\n  ", commands.calls()))
            .append("\nof installation: ").append(installation.calls().size())
            .append(" calls, ~").append(installation.bytes()).append(" bytes of stack\n");
        if (!lost.isEmpty()) {
            out.append("\nmade at installation and then not held:\n  ")
                .append(String.join("\n  ", lost)).append('\n');
        }
        return out.append("\n~ is an estimate. \"platform\" are persistent bytes of its objects and"
            + " of headers.\n").toString();
    }

    private static String row(String... cells) {
        return String.format("%-16s%12s%12s%12s%12s%n", (Object[]) cells);
    }

    /** Returns the report as JSON: README.md has its shape. */
    public String json() {
        Json json = new Json();
        json.list("findings", findings, f -> json.object("rule", f.rule(), "class", f.type(),
            "method", f.method(), "line", f.line(), "text", f.text()));
        json.list("features", features, f -> json.object("name", f.name, "code_estimate", f.code,
            "persistent", f.persistent, "transient", f.transients, "platform_estimate",
            f.estimated));
        json.list("uses", uses, u -> json.object("what", u.what, "used", u.used, "budget",
            u.budget == Integer.MAX_VALUE ? null : u.budget, "estimate", u.isEstimate));
        json.list("lost", lost, json::text);
        json.list("deepest_chain", commands.calls(), json::text);
        json.value("stack_estimate", commands.bytes());
        json.value("installation_stack_estimate", installation.bytes());
        return json.end();
    }
}
