package checker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Refuses recursion, and chains of calls whose frames a card's stack can't be trusted to hold. */
final class DepthRule implements Rule {
    private static final int FRAME = 6; // of a frame beside its words: an estimate

    /**
     * The chain that needs most of the stack.
     *
     * @param bytes an estimate: words of two bytes, and 6 more for each call
     */
    record Chain(List<String> calls, int bytes) {
    }

    private final CallGraph graph;
    private final Map<Program.Member, List<Program.Member>> deepest = new HashMap<>();
    private final Set<Program.Member> open = new HashSet<>();
    private final List<Finding> findings = new ArrayList<>();

    private DepthRule(CallGraph graph) {
        this.graph = graph;
    }

    static DepthRule of(Program program) {
        return new DepthRule(new CallGraph(program));
    }

    /** Returns the chain from the methods that run after installation. */
    static Chain commands(Program program) {
        return of(program).worst(Entries.afterInstall(program));
    }

    /** Returns the chain from the methods that install. */
    static Chain installation(Program program) {
        return of(program).worst(Entries.install(program));
    }

    @Override
    public List<Finding> check(Subject subject) {
        List<Program.Member> entries = new ArrayList<>(Entries.install(subject.program()));
        entries.addAll(Entries.afterInstall(subject.program()));
        for (Program.Member entry : entries) {
            List<Program.Member> chain = deepest(entry);
            int bytes = bytes(chain);
            if (bytes > subject.settings().stack()) {
                findings.add(Finding.of("depth", entry.type(), entry.method(),
                    "about " + bytes + " bytes of stack, more than " + subject.settings().stack()
                    + ": " + names(chain)));
            }
        }
        return findings;
    }

    private static String names(List<Program.Member> chain) {
        return chain.stream().map(Program.Member::toString).collect(Collectors.joining(" > "));
    }

    private Chain worst(List<Program.Member> entries) {
        List<Program.Member> worst = List.of();
        for (Program.Member entry : entries) {
            List<Program.Member> chain = deepest(entry);
            worst = bytes(chain) > bytes(worst) ? chain : worst;
        }
        return new Chain(worst.stream().map(Program.Member::toString).toList(), bytes(worst));
    }

    private static int bytes(List<Program.Member> chain) {
        return chain.stream().mapToInt(member ->
            FRAME + 2 * (member.method().maxLocals + member.method().maxStack)).sum();
    }

    private List<Program.Member> deepest(Program.Member member) {
        List<Program.Member> known = deepest.get(member);
        if (known != null) {
            return known;
        }
        if (!open.add(member)) {
            findings.add(Finding.of("depth", member.type(), member.method(),
                "calls itself, directly or through others: write a loop"));
            return List.of();
        }
        List<Program.Member> below = List.of();
        for (Program.Member called : graph.of(member)) {
            List<Program.Member> chain = deepest(called);
            below = bytes(chain) > bytes(below) ? chain : below;
        }
        open.remove(member);
        List<Program.Member> chain = new ArrayList<>(List.of(member));
        chain.addAll(below);
        deepest.put(member, chain);
        return chain;
    }
}
