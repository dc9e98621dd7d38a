package checker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/** Who calls whom, whatever the objects are. */
final class CallGraph {
    private final Map<Program.Member, Set<Program.Member>> calls = new HashMap<>();

    CallGraph(Program program) {
        for (Program.Member member : program.members()) {
            Set<Program.Member> called = new LinkedHashSet<>();
            for (AbstractInsnNode insn : member.method().instructions) {
                if (insn instanceof MethodInsnNode call) {
                    called.addAll(program.targets(call));
                }
            }
            calls.put(member, called);
        }
    }

    Set<Program.Member> of(Program.Member member) {
        return calls.get(member);
    }

    /** Returns what can run when one of some methods is called, each with its shortest chain. */
    Map<Program.Member, List<Program.Member>> reached(List<Program.Member> from) {
        Map<Program.Member, List<Program.Member>> chains = new LinkedHashMap<>();
        Deque<Program.Member> next = new ArrayDeque<>();
        for (Program.Member member : from) {
            chains.put(member, List.of(member));
            next.add(member);
        }
        while (!next.isEmpty()) {
            Program.Member member = next.remove();
            for (Program.Member called : calls.get(member)) {
                if (!chains.containsKey(called)) {
                    List<Program.Member> chain = new ArrayList<>(chains.get(member));
                    chain.add(called);
                    chains.put(called, chain);
                    next.add(called);
                }
            }
        }
        return chains;
    }
}
