import CTraining
import Foundation

extension Tape {
    /// Mean over samples of −Σ target·ln softmax(logits / temperature), times temperature², so that its gradients
    /// weigh the same at any temperature (Hinton et al. 2015). logits [n, classes]; targets as these, rows that sum to 1
    /// or, for samples that don't count, 0. Less the targets' own entropy where `divergence`: then it is KL.
    public func crossEntropy(_ logits: Variable, targets: Tensor, temperature: Float = 1, divergence: Bool = false) -> Variable {
        let classes = logits.shape.last!, samples = logits.count / classes
        precondition(targets.count == logits.count)
        let p = logits.value.copy()
        t_scale(p.count, 1 / temperature, p.base)
        t_softmax(samples, classes, p.base)
        var loss = 0.0
        for i in 0..<p.count where targets.base[i] > 0 {
            loss -= Double(targets.base[i]) * (log(Double(max(p.base[i], 1e-30))) - (divergence ? log(Double(targets.base[i])) : 0))
        }
        let value = Tensor([1], [Float(loss / Double(samples)) * temperature * temperature])
        return result(value, of: [logits]) { dy in
            logits.accumulate { dx in
                let factor = dy.base[0] * temperature / Float(samples)
                for n in 0..<samples {
                    var weight: Float = 0
                    for c in 0..<classes { weight += targets.base[n * classes + c] }
                    for c in 0..<classes {
                        let i = n * classes + c
                        dx[i] = factor * (p.base[i] * weight - targets.base[i])
                    }
                }
            }
        }
    }

    /// What `crossEntropy` wants of labels: 1 − smoothing for the label and the rest shared out (Szegedy et al. 2016).
    /// A label below 0 doesn't count.
    public static func targets(_ labels: UnsafeBufferPointer<Int32>, classes: Int, smoothing: Float) -> Tensor {
        let targets = Tensor([labels.count, classes], repeating: 0)
        for (n, label) in labels.enumerated() where label >= 0 {
            for c in 0..<classes { targets.base[n * classes + c] = smoothing / Float(classes) }
            targets.base[n * classes + Int(label)] += 1 - smoothing
        }
        return targets
    }

    /// Distillation: KL from the teacher's distribution at a temperature to the student's, of the samples that `isTaught` says.
    public func distillation(_ logits: Variable, teacher: Tensor, of isTaught: [Bool]? = nil, temperature: Float) -> Variable {
        let classes = logits.shape.last!
        let targets = teacher.copy()
        t_scale(targets.count, 1 / temperature, targets.base)
        t_softmax(targets.count / classes, classes, targets.base)
        for (n, isTaught) in (isTaught ?? []).enumerated() where !isTaught {
            (targets.base + n * classes).update(repeating: 0, count: classes)
        }
        return crossEntropy(logits, targets: targets, temperature: temperature, divergence: true)
    }
}
