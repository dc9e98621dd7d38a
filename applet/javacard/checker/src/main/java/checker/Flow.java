package checker;

import java.util.HashMap;
import java.util.Map;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;

/** What the words are before each instruction of each method. */
final class Flow {
    private final Map<Program.Member, Frame<Word>[]> frames = new HashMap<>();

    Flow(Program program) {
        for (Program.Member member : program.members()) {
            try {
                frames.put(member, new Analyzer<>(new WordInterpreter())
                    .analyze(member.type().name, member.method()));
            } catch (AnalyzerException e) {
                throw new IllegalArgumentException(member + ": no valid byte code: "
                    + e.getMessage(), e);
            }
        }
    }

    /** Returns the words before an instruction, or null if it is never reached. */
    Frame<Word> before(Program.Member member, AbstractInsnNode insn) {
        return frames.get(member)[member.method().instructions.indexOf(insn)];
    }

    /** Returns the n-th word from the top of the stack, from 0. */
    static Word top(Frame<Word> frame, int n) {
        return frame.getStack(frame.getStackSize() - 1 - n);
    }
}
