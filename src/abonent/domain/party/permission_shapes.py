"""Wire types of permissions and user roles (TMF672), as version 4 of the specification has them; syntax:
kit/shape_parser."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

# TMF672 User Roles and Permissions.
PERMISSIONS = Vocabulary(
    SHAPES,
    """
Permission: id= href= creationDate=:date-time description assetUserRole:AssetUserRole[]
    granter:RelatedParty privilege:Privilege[] user!:RelatedParty validFor!:TimePeriod @*
UserRole: id= href= involvementRole entitlement!:Entitlement[] @*
AssetUserRole: manageableAsset!:EntityRef userRole!:UserRoleRef @*
Entitlement: action function @*
EntityRef: id! href name @* @referredType
Privilege: manageableAsset!:EntityRef action! function! @*
UserRoleRef: id! href @* @referredType
""",
)
