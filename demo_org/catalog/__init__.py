"""The object catalogue of the demo org: which objects and fields exist and what a describe says about them."""

from demo_org.catalog.catalog import Catalog
from demo_org.catalog.types import ChildRelationship, FieldType, ObjectType

__all__ = ["Catalog", "ChildRelationship", "FieldType", "ObjectType"]
