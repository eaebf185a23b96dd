import CTraining

extension Tape {
    /// Means of windows of [n, h, w, c]; padding counts for nothing.
    public func averagePool(_ x: Variable, _ shape: WindowShape) -> Variable {
        var window = shape.over(x.shape)
        let inSize = window.inputSize, outSize = window.outputSize
        let y = Tensor([x.shape[0], Int(window.out_h), Int(window.out_w), x.shape[3]])
        Parallel.split(x.shape[0]) { _, range in
            t_average_pool(&window, Int32(range.count), x.base + range.lowerBound * inSize, y.base + range.lowerBound * outSize)
        }
        return result(y, of: [x]) { dy in
            x.accumulate { dx in
                Parallel.split(x.shape[0]) { _, range in
                    t_average_pool_gradient(&window, Int32(range.count), dy.base + range.lowerBound * outSize, dx + range.lowerBound * inSize)
                }
            }
        }
    }

    /// Largest elements of windows of [n, h, w, c].
    public func maxPool(_ x: Variable, _ shape: WindowShape) -> Variable {
        var window = shape.over(x.shape)
        let inSize = window.inputSize, outSize = window.outputSize
        let y = Tensor([x.shape[0], Int(window.out_h), Int(window.out_w), x.shape[3]])
        let at = UnsafeMutablePointer<Int32>.allocate(capacity: y.count)
        let owner = Owner(at)
        Parallel.split(x.shape[0]) { _, range in
            t_max_pool(
                &window, Int32(range.count), x.base + range.lowerBound * inSize, y.base + range.lowerBound * outSize,
                at + range.lowerBound * outSize)
        }
        return result(y, of: [x]) { dy in
            x.accumulate { dx in
                Parallel.split(x.shape[0]) { _, range in
                    t_max_pool_gradient(
                        &window, Int32(range.count), dy.base + range.lowerBound * outSize, owner.memory + range.lowerBound * outSize,
                        dx + range.lowerBound * inSize)
                }
            }
        }
    }

    private final class Owner {
        let memory: UnsafeMutablePointer<Int32>
        init(_ memory: UnsafeMutablePointer<Int32>) { self.memory = memory }
        deinit { memory.deallocate() }
    }
}
