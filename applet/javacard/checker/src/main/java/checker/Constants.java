package checker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.analysis.Frame;

/** Which constants a word may be, looked for in the callers too if it is a parameter. */
final class Constants {
    private record Call(Program.Member caller, MethodInsnNode insn) {
    }

    private final Flow flow;
    private final Map<Program.Member, Set<Call>> callers = new HashMap<>();

    Constants(Rule.Subject subject) {
        flow = subject.flow();
        Program program = subject.program();
        for (Program.Member member : program.members()) {
            for (AbstractInsnNode insn : member.method().instructions) {
                if (insn instanceof MethodInsnNode call) {
                    for (Program.Member target : program.targets(call)) {
                        callers.computeIfAbsent(target, t -> new HashSet<>())
                            .add(new Call(member, call));
                    }
                }
            }
        }
    }

    /** Returns what the n-th argument of a call may be, from 0; empty if that can't be told. */
    Set<Integer> argument(Program.Member caller, MethodInsnNode call, int n) {
        Set<Integer> values = new HashSet<>();
        return collect(caller, call, n, values, new HashSet<>()) ? values : Set.of();
    }

    private boolean collect(Program.Member caller, MethodInsnNode call, int n, Set<Integer> values,
            Set<List<Object>> seen) {
        Frame<Word> frame = flow.before(caller, call);
        if (frame == null) { // never reached
            return true;
        }
        int count = Type.getArgumentTypes(call.desc).length;
        Word word = Flow.top(frame, count - 1 - n);
        if (word.constant() != null) {
            values.add(word.constant());
            return true;
        }
        Set<Call> above = callers.getOrDefault(caller, Set.of());
        if (word.parameter() < 0 || above.isEmpty()) {
            return false;
        }
        return !seen.add(List.of(caller, word.parameter())) || above.stream().allMatch(one ->
            collect(one.caller, one.insn, word.parameter(), values, seen));
    }
}
