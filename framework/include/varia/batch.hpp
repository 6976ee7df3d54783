#pragma once

#include <c10/util/accumulate.h>

#include <cstdint>
#include <string>
#include <vector>

#include "varia/domain.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// What a model learns from: some samples and what is known of them. E... is the event: [C, H, W]
/// of a picture, [D] of a row of numbers.
struct Batch {
  Tensor input;   ///< [B, E...] float32: what the encoder sees
  Tensor target;  ///< [B, E...]: what is to be reconstructed: the same tensor as `input`, or the
                  ///< clean values if those are corrupted (`data.corrupt`)
  Tensor mask;    ///< [B, E...] bool: true if a number was observed; undefined: all were. Those
                  ///< that were not are 0 in `input` and `target`.
  Tensor covariates;  ///< [B, V] float32, what a decoder is told beside the code; undefined if none
  Tensor labels;      ///< [B] int64, undefined if the data has none
  Tensor factors;     ///< [B, F] float32, the known factors of generated data; undefined if none
  Tensor index;       ///< [B] int64, the place in the split

  std::int64_t size() const { return input.size(0); }
  /// How many numbers of the target were observed. Waits for the device.
  std::int64_t observed_numbers() const {
    return mask.defined() ? mask.sum().item<std::int64_t>() : target.numel();
  }
};

/// The labels of a batch.
/// @throws Error if its split has none, though another one of the data set may have
VARIA_API const Tensor& labels_of(const Batch& batch);

/// What a model must know of its data before it sees any.
struct DataSpec {
  std::vector<std::int64_t> event;  ///< [C, H, W] of pictures, [D] of rows of numbers
  std::vector<DataBlock> blocks;    ///< of the flattened event, in order; their sizes add up to it
  std::vector<std::string> features;  ///< names of the numbers of an event; empty if they have none
  std::vector<std::string> covariates;  ///< names, one for each of V; empty if there are none
  std::int64_t classes = 0;             ///< labels are 0 .. classes-1; 0 if there are none
  std::vector<std::int64_t> held_out;   ///< those that the test split alone has (`data.held_out`)
  std::int64_t size = 0;                ///< N, samples in the training split

  /// The numbers of an event: C * H * W of pictures, D of rows.
  std::int64_t event_size() const { return c10::multiply_integers(event); }
  /// True if an event is a picture [C, H, W].
  bool is_picture() const { return event.size() == 3; }
};

}  // namespace varia
