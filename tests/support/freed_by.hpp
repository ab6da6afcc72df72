// Owning what a C library wants back.
#pragma once

namespace turnomatic::support {

/// For std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>> and the like.
template <auto Free>
struct freed_by {
  template <class Type>
  void operator()(Type* what) const noexcept {
    Free(what);
  }
};

}  // namespace turnomatic::support
