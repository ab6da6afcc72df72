#include "support/certificates.hpp"

#include "support/freed_by.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace turnomatic::support {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_by<::X509_free>>;
using extension_pointer = std::unique_ptr<X509_EXTENSION, freed_by<::X509_EXTENSION_free>>;
using memory_pointer = std::unique_ptr<BIO, freed_by<::BIO_free_all>>;

constexpr long hour = 3600;  // seconds

void must(bool done, const char* what) {
  if (!done)
    throw std::runtime_error{std::string{"OpenSSL refuses "} + what};
}

key_pointer new_key() {
  key_pointer made{::EVP_EC_gen("P-256")};
  must(made != nullptr, "to make a key");
  return made;
}

// What is in the memory that `write` has written to.
template <class Write>
std::string pem(Write write) {
  const memory_pointer memory{::BIO_new(::BIO_s_mem())};
  must(write(memory.get()) == 1, "to write PEM");
  std::array<char, 8192> text;
  const int size = ::BIO_read(memory.get(), text.data(), static_cast<int>(text.size()));
  must(size > 0, "to read its own PEM");
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* to) { return ::PEM_write_bio_X509(to, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem([&](BIO* to) {
    return ::PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

struct description {
  std::string common_name;
  long serial;
  validity when;
  std::vector<std::pair<int, std::string>> extensions;  // as in x509v3_config(5)
};

void set_subject(X509* of, const std::string& common_name) {
  const auto* const text = reinterpret_cast<const unsigned char*>(common_name.data());
  must(::X509_NAME_add_entry_by_txt(::X509_get_subject_name(of), "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(common_name.size()), -1, 0) == 1,
       "a common name");
}

void set_validity(X509* of, validity when) {
  const long end = when == validity::current ? hour : -hour;
  ::X509_gmtime_adj(::X509_getm_notBefore(of), end - 2 * hour);
  ::X509_gmtime_adj(::X509_getm_notAfter(of), end);
}

// `by` is null for a certificate that signs itself.
certificate_pointer make(const description& what, EVP_PKEY* subject_key, X509* by,
                         EVP_PKEY* by_key) {
  certificate_pointer made{::X509_new()};
  X509* const own = made.get();
  X509* const issuer = by == nullptr ? own : by;
  ::X509_set_version(own, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(own), what.serial);
  set_validity(own, what.when);
  set_subject(own, what.common_name);
  ::X509_set_issuer_name(own, ::X509_get_subject_name(issuer));
  ::X509_set_pubkey(own, subject_key);
  for (const auto& [number, value] : what.extensions) {
    X509V3_CTX context{};
    ::X509V3_set_ctx(&context, issuer, own, nullptr, nullptr, 0);
    const extension_pointer extension{
        ::X509V3_EXT_conf_nid(nullptr, &context, number, value.c_str())};
    must(extension != nullptr && ::X509_add_ext(own, extension.get(), -1) == 1, value.c_str());
  }
  must(::X509_sign(own, by_key, ::EVP_sha256()) > 0, "to sign");
  return made;
}

// As subjectAltName wants it; empty for a server without a name.
std::string alternative_names(const server_names& names) {
  std::string all;
  const auto add = [&](const char* kind, const std::string& name) {
    all.append(all.empty() ? "" : ",").append(kind).append(name);
  };
  for (const std::string& each : names.dns)
    add("DNS:", each);
  for (const std::string& each : names.addresses)
    add("IP:", each);
  return all;
}

}  // namespace

identity_files write_identity(const identity& what, const temporary_directory& into,
                              const std::string& name) {
  return {into.write(name + ".crt", what.certificate), into.write(name + ".key", what.key)};
}

struct certificate_authority::signer {
  explicit signer(const std::string& name)
      : key{new_key()},
        certificate{make({name,
                          1,
                          validity::current,
                          {{NID_basic_constraints, "critical,CA:TRUE"},
                           {NID_key_usage, "critical,keyCertSign,cRLSign"},
                           {NID_subject_key_identifier, "hash"}}},
                         key.get(), nullptr, key.get())} {}

  identity issue(const std::string& common_name, validity when, const char* usage,
                 const std::string& names) {
    description what{common_name,
                     ++serial,
                     when,
                     {{NID_basic_constraints, "critical,CA:FALSE"},
                      {NID_key_usage, "critical,digitalSignature"},
                      {NID_ext_key_usage, usage},
                      {NID_subject_key_identifier, "hash"},
                      {NID_authority_key_identifier, "keyid:always"}}};
    if (!names.empty())
      what.extensions.emplace_back(NID_subject_alt_name, names);
    const key_pointer own = new_key();
    const certificate_pointer made = make(what, own.get(), certificate.get(), key.get());
    return {pem_of(made.get()), pem_of(own.get())};
  }

  key_pointer key;
  certificate_pointer certificate;
  long serial{1};
};

certificate_authority::certificate_authority(const std::string& name)
    : signer_{std::make_unique<signer>(name)}, certificate_{pem_of(signer_->certificate.get())} {}

certificate_authority::~certificate_authority() = default;

identity certificate_authority::issue_server(const server_names& names, validity when) {
  const std::string& first = !names.dns.empty() ? names.dns.front() : names.addresses.at(0);
  return signer_->issue(first, when, "serverAuth", alternative_names(names));
}

identity certificate_authority::issue_client(const std::string& common_name, validity when) {
  return signer_->issue(common_name, when, "clientAuth", {});
}

}  // namespace turnomatic::support
