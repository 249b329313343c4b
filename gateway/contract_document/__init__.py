"""One OpenAPI document of the whole platform, made from what each service says of itself."""

from gateway.contract_document.contract import Contract, ContractDocument

__all__ = ["Contract", "ContractDocument"]
